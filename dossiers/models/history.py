"""What happened to a dossier."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from dossiers.enums import (
    INVITE_ORIGIN_OF_ACTION,
    STATES_TERMINES,
    DossierState,
    HistoryAction,
)


class HistoryEntry(models.Model):
    """What happened to a dossier: append-only."""

    dossier = models.ForeignKey(
        "dossiers.Dossier", models.CASCADE, related_name="history", db_index=False
    )
    action = models.CharField("événement", max_length=40, choices=HistoryAction)
    from_state = models.CharField("avant", max_length=20, choices=DossierState)
    to_state = models.CharField("après", max_length=20, choices=DossierState)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="auteur",
    )
    # The author's name at that time, which outlives the account; empty when TPS acted by itself.
    by_name = models.CharField("nom de l’auteur", max_length=300, blank=True)
    # Whom it is about, where that is somebody else than its author: an invité.
    person = models.CharField("personne concernée", max_length=300, blank=True)
    at = models.DateTimeField("date", default=timezone.now)
    motivation = models.TextField("motivation", blank=True)

    class Meta:
        verbose_name = "événement"
        ordering = ["at", "id"]
        indexes = [
            models.Index(fields=["dossier", "at"]),
            # The decisions of the last months, from which delays are reckoned.
            models.Index(
                fields=["at"],
                condition=models.Q(to_state__in=STATES_TERMINES),
                name="history_decisions",
            ),
        ]

    def __str__(self):
        return f"{self.get_action_display()} le {self.at:%d/%m/%Y}"

    def save(self, *args, **kwargs):
        if not self._state.adding:
            raise ValidationError("L’historique ne se modifie pas.")
        super().save(*args, **kwargs)

    @property
    def author(self) -> str:
        """Return who did it."""
        return self.by_name or "TPS (automatique)"

    @property
    def invite_origin(self) -> str:
        """Return the kind of invité it is about (`InviteOrigin`), empty for anything else."""
        return INVITE_ORIGIN_OF_ACTION.get(self.action, "")
