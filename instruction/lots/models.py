"""A batch and its lines: the rows are the truth, workers come and go."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from dossiers.models import Dossier
from procedures.models import Procedure

LOT_MAX = 20_000
# A batch that no worker has carried on for this long is taken up again.
REQUEUE_AFTER = timedelta(minutes=2)


class LigneState(models.TextChoices):
    """What became of one dossier of a batch."""

    A_FAIRE = "a_faire", "à traiter"
    FAIT = "fait", "traité"
    ECARTE = "ecarte", "écarté"


class LotQuerySet(models.QuerySet):
    """Filters on batches."""

    def en_cours(self):
        """Return those that have not ended."""
        return self.filter(finished_at=None)

    def left_behind(self, now: datetime):
        """Return those that no worker has carried on for a while."""
        return self.en_cours().filter(active_at__lte=now - REQUEUE_AFTER)


class Lot(models.Model):
    """One action asked for many dossiers of a procédure by one person."""

    procedure = models.ForeignKey(Procedure, models.CASCADE, related_name="lots", db_index=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="lots", db_index=False
    )
    # A name of `instruction.lots.actions.ACTIONS`, and what it was asked with.
    action = models.CharField("action", max_length=40)
    parameters = models.JSONField("paramètres", default=dict)
    # The list it was asked from, as its address says it.
    query = models.CharField("liste", max_length=1000, blank=True)
    # Of the page that asked for it: sent twice, it is there once.
    token = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    total = models.PositiveIntegerField("dossiers", default=0)
    done = models.PositiveIntegerField("traités", default=0)
    skipped = models.PositiveIntegerField("écartés", default=0)
    created_at = models.DateTimeField("demande", default=timezone.now)
    active_at = models.DateTimeField("dernière activité", default=timezone.now)
    finished_at = models.DateTimeField("fin", null=True, blank=True)
    is_stopped = models.BooleanField("arrêté", default=False)

    objects = LotQuerySet.as_manager()

    class Meta:
        verbose_name = "traitement par lot"
        verbose_name_plural = "traitements par lot"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["procedure", "by", "-id"], name="lot_of_person"),
            models.Index(fields=["by"], name="lot_by"),
            models.Index(fields=["active_at"], condition=Q(finished_at=None), name="lot_en_cours"),
        ]

    def __str__(self):
        return f"traitement par lot nº {self.pk}"

    @property
    def treated(self) -> int:
        """Return how many dossiers had their turn, whatever came of it."""
        return self.done + self.skipped

    @property
    def left(self) -> int:
        """Return how many had none."""
        return self.total - self.treated

    @property
    def percent(self) -> int:
        """Return how far it is, from 0 to 100."""
        return min(100, 100 * self.treated // self.total) if self.total else 100


class LotLigne(models.Model):
    """One dossier of a batch, and what became of it."""

    lot = models.ForeignKey(Lot, models.CASCADE, related_name="lignes", db_index=False)
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=LigneState, default=LigneState.A_FAIRE)
    reason = models.TextField("raison", blank=True)

    class Meta:
        verbose_name = "dossier d’un lot"
        verbose_name_plural = "dossiers d’un lot"
        ordering = ["id"]
        indexes = [models.Index(fields=["lot", "state", "id"], name="lot_ligne_by_state")]
        constraints = [
            models.UniqueConstraint(fields=["lot", "dossier"], name="lot_holds_a_dossier_once")
        ]

    def __str__(self):
        return f"dossier nº {self.dossier_id} : {self.get_state_display()}"


def at_hand() -> Q:
    """Return which dossiers are of a batch that has not ended: nobody erases them meanwhile."""
    lignes = LotLigne.objects.filter(lot__finished_at=None)
    return Q(pk__in=lignes.values("dossier_id"))
