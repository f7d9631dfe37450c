"""A procédure offered to another organisme."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Organisme
from procedures.enums import TRANSFERT_LIFETIME_DAYS, TransfertState


class TransfertQuerySet(models.QuerySet):
    """Filters on transfers."""

    def pending(self):
        """Return those that still wait for an answer."""
        oldest = timezone.now() - timedelta(days=TRANSFERT_LIFETIME_DAYS)
        return self.filter(state=TransfertState.PROPOSE, created_at__gt=oldest)

    def offered_to(self, user):
        """Return the pending ones that `user` may take: administrateur of another organisme."""
        grants = Organisme.administrateurs.through.objects.filter(user_id=user.pk)
        elsewhere = grants.exclude(organisme_id=models.OuterRef("procedure__organisme_id"))
        return self.pending().filter(models.Exists(elsewhere), to_email=user.email)


class Transfert(models.Model):
    """The offer of a procédure to an administrateur elsewhere, and what became of it; kept."""

    procedure = models.ForeignKey("procedures.Procedure", models.CASCADE, related_name="transferts")
    to_email = models.EmailField("destinataire", max_length=254)
    state = models.CharField(
        "état", max_length=20, choices=TransfertState, default=TransfertState.PROPOSE
    )
    from_organisme = models.ForeignKey(Organisme, models.PROTECT, related_name="+")
    to_organisme = models.ForeignKey(Organisme, models.PROTECT, null=True, related_name="+")
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField("proposition")
    decided_at = models.DateTimeField("réponse", null=True)

    objects = TransfertQuerySet.as_manager()

    class Meta:
        verbose_name = "transfert"
        constraints = [
            models.UniqueConstraint(
                fields=["procedure"],
                condition=Q(state="propose"),
                name="transfert_one_offer_per_procedure",
            ),
        ]
        indexes = [
            models.Index(fields=["to_email"], condition=Q(state="propose"), name="transfert_offers")
        ]

    def __str__(self):
        return f"transfert de « {self.procedure} » à {self.to_email}"

    @property
    def expires_at(self):
        """Return when nobody may accept it any more."""
        return self.created_at + timedelta(days=TRANSFERT_LIFETIME_DAYS)

    @property
    def is_expired(self) -> bool:
        """Tell whether it was left without answer for too long."""
        return self.state == TransfertState.PROPOSE and self.expires_at <= timezone.now()

    @property
    def is_pending(self) -> bool:
        """Tell whether it still waits for an answer."""
        return self.state == TransfertState.PROPOSE and not self.is_expired
