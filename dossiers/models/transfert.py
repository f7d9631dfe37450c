"""A dossier offered to another person."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from dossiers.enums import TRANSFERT_DAYS, TransfertState


class TransfertQuerySet(models.QuerySet):
    """Filters on transfers."""

    def pending(self):
        """Return those that still wait for an answer."""
        oldest = timezone.now() - timedelta(days=TRANSFERT_DAYS)
        return self.filter(
            state=TransfertState.PROPOSE,
            created_at__gt=oldest,
            dossier__deleted_at=None,
            dossier__hidden_at=None,
        )

    def offered_to(self, user):
        """Return the pending ones that the account of their address may answer."""
        return self.pending().filter(to_email=user.email).exclude(dossier__usager_id=user.pk)


class Transfert(models.Model):
    """The offer of a dossier to the person at an address, and what became of it; kept."""

    dossier = models.ForeignKey("dossiers.Dossier", models.CASCADE, related_name="transferts")
    to_email = models.EmailField("destinataire", max_length=254)
    state = models.CharField(
        "état", max_length=20, choices=TransfertState, default=TransfertState.PROPOSE
    )
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField("proposition", default=timezone.now)
    decided_at = models.DateTimeField("réponse", null=True)

    objects = TransfertQuerySet.as_manager()

    class Meta:
        verbose_name = "transfert de dossier"
        verbose_name_plural = "transferts de dossiers"
        constraints = [
            models.UniqueConstraint(
                fields=["dossier"],
                condition=Q(state=TransfertState.PROPOSE),
                name="transfert_one_offer_per_dossier",
            ),
        ]
        indexes = [
            models.Index(
                fields=["to_email"],
                condition=Q(state=TransfertState.PROPOSE),
                name="dossier_transfert_offers",
            )
        ]

    def __str__(self):
        return f"transfert du {self.dossier} à {self.to_email}"

    @property
    def courriel_reference(self) -> str:
        """Return the reference of its emails: not the dossier's, whose emails the service reads."""
        return f"transfert:{self.pk}"

    @property
    def expires_at(self):
        """Return when nobody may accept it any more."""
        return self.created_at + timedelta(days=TRANSFERT_DAYS)

    @property
    def is_pending(self) -> bool:
        """Tell whether it still waits for an answer."""
        return self.state == TransfertState.PROPOSE and self.expires_at > timezone.now()
