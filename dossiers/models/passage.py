"""What the clock did to the dossiers of a procédure: passages en instruction, reminders."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from dossiers.enums import PASSAGE_REQUEUE_AFTER
from procedures.models import Procedure


class PassageAutomatiqueQuerySet(models.QuerySet):
    """Filters on passages."""

    def en_cours(self):
        """Return those that began and have not ended."""
        return self.filter(finished_at=None)

    def left_behind(self, now: datetime):
        """Return those that no worker has carried on for a while."""
        return self.en_cours().filter(active_at__lte=now - PASSAGE_REQUEUE_AFTER)


class PassageAutomatique(models.Model):
    """The passage en instruction, at one date, of every dossier that was en construction then."""

    # `db_index=False`: the constraint below begins with this column.
    procedure = models.ForeignKey(
        Procedure, models.PROTECT, related_name="passages", db_index=False
    )
    planned_at = models.DateTimeField("prévu le")
    started_at = models.DateTimeField("commencé le", default=timezone.now)
    active_at = models.DateTimeField("dernière activité", default=timezone.now)
    finished_at = models.DateTimeField("terminé le", null=True, blank=True)
    # How far it went: dossiers are taken in the order of their numbers, each once.
    last_dossier_id = models.BigIntegerField("dernier dossier", default=0)
    total = models.PositiveIntegerField("dossiers")
    done = models.PositiveIntegerField("passés", default=0)
    skipped = models.PositiveIntegerField("sortis de construction entre-temps", default=0)
    failed = models.PositiveIntegerField("en échec", default=0)

    objects = PassageAutomatiqueQuerySet.as_manager()

    class Meta:
        verbose_name = "passage automatique"
        verbose_name_plural = "passages automatiques"
        ordering = ["-planned_at"]
        indexes = [
            models.Index(
                fields=["active_at"], condition=Q(finished_at=None), name="passage_en_cours"
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["procedure", "planned_at"], name="passage_once_for_a_date"
            ),
        ]

    def __str__(self):
        return f"passage du {timezone.localtime(self.planned_at):%d/%m/%Y %H:%M}"

    @property
    def is_finished(self) -> bool:
        """Tell whether every dossier had its turn."""
        return self.finished_at is not None

    @property
    def treated(self) -> int:
        """Return how many dossiers had their turn, whatever came of it."""
        return self.done + self.skipped + self.failed

    @property
    def percent(self) -> int:
        """Return how far it is, from 0 to 100."""
        return min(100, 100 * self.treated // self.total) if self.total else 100


class PassageEchec(models.Model):
    """A dossier that could not pass, and why."""

    passage = models.ForeignKey(
        PassageAutomatique, models.CASCADE, related_name="echecs", db_index=False
    )
    dossier = models.ForeignKey("dossiers.Dossier", models.CASCADE, related_name="+")
    reason = models.TextField("raison")

    class Meta:
        verbose_name = "dossier en échec"
        verbose_name_plural = "dossiers en échec"
        ordering = ["dossier_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["passage", "dossier"], name="passage_echec_once_for_a_dossier"
            ),
        ]

    def __str__(self):
        return f"dossier nº {self.dossier_id} : {self.reason}"


class RappelCloture(models.Model):
    """The reminder, before one closing date, to the owners of brouillons."""

    procedure = models.ForeignKey(Procedure, models.CASCADE, related_name="+", db_index=False)
    closes_at = models.DateTimeField("clôture")
    last_dossier_id = models.BigIntegerField("dernier dossier", default=0)
    finished_at = models.DateTimeField("terminé le", null=True, blank=True)

    class Meta:
        verbose_name = "rappel de clôture"
        verbose_name_plural = "rappels de clôture"
        constraints = [
            models.UniqueConstraint(F("procedure"), F("closes_at"), name="rappel_once_for_a_date"),
        ]

    def __str__(self):
        return f"rappel avant le {timezone.localtime(self.closes_at):%d/%m/%Y %H:%M}"
