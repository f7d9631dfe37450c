"""The people asked to a dossier: by its usager to fill it in, by the service to look at it."""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from dossiers.enums import (
    INVITATION_LIFETIME_DAYS,
    INVITATION_MESSAGE_MAX,
    INVITATION_RESEND_AFTER,
    INVITE_BADGES,
    INVITE_STATE_BADGES,
    InviteOrigin,
    InviteRole,
    InviteState,
)
from procedures.models import Affectation

# Of the address where an invitation is accepted: the same each time it is sent.
invite_signer = signing.Signer(salt="dossiers.invitations")


class InviteQuerySet(models.QuerySet):
    """Which invitations."""

    def of_usager(self):
        """Return those of the usager."""
        return self.filter(origin=InviteOrigin.USAGER)

    def of_service(self):
        """Return those of the accompagnateurs."""
        return self.filter(origin=InviteOrigin.ACCOMPAGNATEUR)

    def live(self):
        """Return those neither revoked nor left: at most one for a dossier, address and origin."""
        return self.filter(revoked_at=None, left_at=None)

    def active(self):
        """Return those that give a right now: accepted, and live.

        Nobody fills in what they instruct: an invitation of the usager sleeps while its invité is
        an accompagnateur of the procédure.
        """
        instructs = Affectation.objects.filter(
            procedure_id=OuterRef("dossier__procedure_id"), user_id=OuterRef("user_id")
        )
        return (
            self.live()
            .exclude(accepted_at=None)
            .filter(~Q(origin=InviteOrigin.USAGER) | ~Exists(instructs))
        )

    def waiting_for(self, email: str):
        """Return those that the person at `email` may accept now."""
        return self.live().filter(
            accepted_at=None,
            email=email,
            expires_at__gt=timezone.now(),
            dossier__deleted_at=None,
        )

    def with_people(self):
        """Join what a row of a list shows."""
        return self.select_related("user", "invited_by")


def _expiry():
    return timezone.now() + timedelta(days=INVITATION_LIFETIME_DAYS)


class Invite(models.Model):
    """One person asked to one dossier; what came of it stays written."""

    dossier = models.ForeignKey("dossiers.Dossier", models.CASCADE, related_name="invites")
    # As `accounts.models.normalize_email` gives it: the account of this address alone accepts.
    email = models.EmailField("adresse email")
    # The account of that address, when it is known; whoever accepted, afterwards.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="invites",
        verbose_name="invité",
    )
    origin = models.CharField("origine", max_length=20, choices=InviteOrigin)
    role = models.CharField("droit", max_length=10, choices=InviteRole, default=InviteRole.LECTURE)
    message = models.TextField("message", blank=True, max_length=INVITATION_MESSAGE_MAX)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="invité par",
    )
    # The name at that time, which outlives the account.
    invited_by_name = models.CharField("nom de qui invite", max_length=300, blank=True)
    created_at = models.DateTimeField("création", default=timezone.now)
    sent_at = models.DateTimeField("dernier envoi", default=timezone.now)
    expires_at = models.DateTimeField("expiration", default=_expiry)
    accepted_at = models.DateTimeField("acceptation", null=True, blank=True)
    revoked_at = models.DateTimeField("révocation", null=True, blank=True)
    left_at = models.DateTimeField("départ", null=True, blank=True)

    objects = InviteQuerySet.as_manager()

    class Meta:
        verbose_name = "invité"
        ordering = ["created_at", "id"]
        indexes = [
            models.Index(
                fields=["user", "origin"],
                condition=Q(accepted_at__isnull=False, revoked_at=None, left_at=None),
                name="invite_active",
            ),
            models.Index(
                fields=["email"],
                condition=Q(accepted_at=None, revoked_at=None, left_at=None),
                name="invite_waiting",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier", "email", "origin"],
                condition=Q(revoked_at=None, left_at=None),
                name="invite_once_live_for_an_address",
            ),
            models.CheckConstraint(
                condition=Q(role__in=InviteRole.values) & Q(origin__in=InviteOrigin.values),
                name="invite_role_and_origin_known",
            ),
            models.CheckConstraint(
                condition=Q(origin=InviteOrigin.USAGER) | Q(role=InviteRole.LECTURE),
                name="invite_of_service_only_reads",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None) | Q(left_at=None), name="invite_ends_once"
            ),
            models.CheckConstraint(
                condition=Q(left_at=None) | Q(accepted_at__isnull=False),
                name="invite_left_was_accepted",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("sent_at")), name="invite_expires_after_it_leaves"
            ),
        ]

    def __str__(self):
        return f"{self.email}, {self.origin_label.lower()}"

    def get_absolute_url(self):
        """Return the page where it is accepted: it cannot be guessed, and opens nothing alone."""
        token = invite_signer.sign_object(self.pk)
        return reverse("dossiers:invite_accept", args=[token])

    @property
    def person(self) -> str:
        """Return the name of who accepted, the address before: it tells not who has an account."""
        return str(self.user) if self.accepted_at and self.user else self.email

    @property
    def origin_label(self) -> str:
        """Return the words of its origin, for pages and exports."""
        return self.get_origin_display()

    @property
    def origin_badge(self) -> str:
        """Return the DSFR class of the badge of its origin."""
        return INVITE_BADGES[self.origin]

    @property
    def state(self) -> InviteState:
        """Return what became of it."""
        if self.revoked_at:
            return InviteState.REVOQUEE
        if self.left_at:
            return InviteState.QUITTEE
        if self.accepted_at:
            return InviteState.ACCEPTEE
        return InviteState.EN_ATTENTE if self.expires_at > timezone.now() else InviteState.EXPIREE

    @property
    def state_badge(self) -> str:
        """Return the DSFR class of the badge of its state."""
        return INVITE_STATE_BADGES[self.state]

    @property
    def is_of_usager(self) -> bool:
        """Tell whether the usager invited."""
        return self.origin == InviteOrigin.USAGER

    @property
    def is_live(self) -> bool:
        """Tell whether it was neither revoked nor left."""
        return self.revoked_at is None and self.left_at is None

    @property
    def may_write(self) -> bool:
        """Tell whether it lets its invité fill in the dossier."""
        return self.is_of_usager and self.role == InviteRole.ECRITURE

    @property
    def may_be_accepted(self) -> bool:
        """Tell whether it still waits for an answer."""
        return self.state == InviteState.EN_ATTENTE

    @property
    def may_be_sent_again(self) -> bool:
        """Tell whether an email may leave again: not accepted, and the last one is old enough."""
        is_unanswered = self.state in (InviteState.EN_ATTENTE, InviteState.EXPIREE)
        return is_unanswered and self.resendable_at <= timezone.now()

    @property
    def resendable_at(self):
        """Return the aware datetime from which it may be sent again."""
        return self.sent_at + INVITATION_RESEND_AFTER
