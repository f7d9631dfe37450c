"""What an accompagnateur asked the usager to correct."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from dossiers.enums import DossierState
from dossiers.models.message import Message
from procedures.questionnaire import Questionnaire


class CorrectionQuerySet(models.QuerySet):
    """Which corrections."""

    def pending(self):
        """Return those that the usager has neither made nor been spared."""
        return self.filter(resolved_at=None, cancelled_at=None)

    def resolved(self):
        """Return those that the usager says they made."""
        return self.exclude(resolved_at=None)

    def end(self, *, by) -> int:
        """Spare the usager the pending ones; return how many there were. `by` is None for TPS."""
        return self.pending().update(cancelled_at=timezone.now(), cancelled_by=by)


class Correction(models.Model):
    """A request to correct named champs; one at a time is pending on a dossier."""

    dossier = models.ForeignKey("dossiers.Dossier", models.CASCADE, related_name="corrections")
    # What the usager reads of it in the messagerie.
    message = models.OneToOneField(Message, models.CASCADE, related_name="correction")
    # In the order of the form: [{"id": "abc", "label": "Objet", "text": "…"}], the label as it was.
    champs = models.JSONField("champs à corriger")
    # Asked en instruction, it opens these champs alone, and those that it makes appear: the ids
    # of the champs that were hidden then.
    hidden_ids = models.JSONField(default=list, editable=False)
    from_state = models.CharField("statut", max_length=20, choices=DossierState)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    asked_at = models.DateTimeField("demande", default=timezone.now)
    resolved_at = models.DateTimeField("correction", null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    cancelled_at = models.DateTimeField("annulation", null=True, blank=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = "demande de correction"
        verbose_name_plural = "demandes de correction"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier"],
                condition=Q(resolved_at=None, cancelled_at=None),
                name="correction_one_pending",
            ),
            models.CheckConstraint(
                condition=Q(resolved_at=None) | Q(cancelled_at=None),
                name="correction_made_or_cancelled",
            ),
            models.CheckConstraint(
                condition=Q(from_state__in=["en_construction", "en_instruction"]),
                name="correction_from_an_open_state",
            ),
        ]

    def __str__(self):
        return f"demande de correction du dossier nº {self.dossier_id}"

    @property
    def champ_ids(self) -> list[str]:
        """Return the ids of the named champs, in the order of the form."""
        return [champ["id"] for champ in self.champs]

    @property
    def texts(self) -> dict[str, str]:
        """Return what is asked of each named champ, by its id; empty where nothing is added."""
        return {champ["id"]: champ["text"] for champ in self.champs}

    @property
    def is_pending(self) -> bool:
        """Tell whether the usager is expected to correct."""
        return self.resolved_at is None and self.cancelled_at is None

    def editable_ids(self, questionnaire: Questionnaire) -> frozenset[str]:
        """Return the ids of the champs that it opens, in a dossier of that `questionnaire`.

        They are the named ones, the rows of a named bloc, and the champs that were hidden and
        that an answer so changed makes appear, with all that depends on them.
        """
        named, was_hidden = set(self.champ_ids), set(self.hidden_ids)
        opened: set[str] = set()
        for champ in questionnaire.champs:
            if champ.id in named or champ.bloc in opened:
                opened.add(champ.id)
            elif champ.id in was_hidden:
                conditions = questionnaire.conditions.get(champ.id, [])
                if any(condition.champ_ids() & opened for condition in conditions):
                    opened.add(champ.id)
        return frozenset(opened)
