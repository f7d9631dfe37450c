"""The avis that a service asks of colleagues, experts and partners."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from dossiers.enums import STATES_TERMINES, DossierState
from dossiers.models import Dossier, Fichier, Invite
from instruction.avis_enums import (
    ANSWER_BADGES,
    AWAITED,
    QUESTION_MAX,
    REMIND_AFTER,
    STATE_BADGES,
    TEXT_MAX,
    WORD_MAX,
    AvisAnswer,
    AvisFileKind,
    AvisState,
)


class AvisQuerySet(models.QuerySet):
    """Which avis."""

    def answered(self):
        """Return those that were given."""
        return self.exclude(answer="")

    def live(self):
        """Return those whose right was neither taken back, nor left, nor handed over."""
        return self.filter(
            Q(invite=None) | Q(invite__revoked_at=None, invite__left_at=None),
            revoked_at=None,
            handed_over_at=None,
        )

    def awaited(self):
        """Return those that the service still waits for; none once the decision is taken."""
        return self.live().filter(answer="").exclude(dossier__state__in=STATES_TERMINES)

    def asked_of(self, user):
        """Return those that `user` may read as the person asked.

        - Who accepted the invitation that goes with it, neither revoked nor left.
        - A colleague, as long as they are of the groupe of the dossier.
        """
        invited = Q(invite__user_id=user.pk, invite__accepted_at__isnull=False)
        colleague = Q(user_id=user.pk, dossier__in=Dossier.objects.instructed_by(user))
        return (
            self.live()
            .filter(invited | colleague, dossier__deleted_at=None, dossier__is_test=False)
            .exclude(dossier__state=DossierState.BROUILLON)
        )

    def shared_with(self, user):
        """Return the answers of others that `user`, asked about the same dossier, may read."""
        mine = Avis.objects.asked_of(user)
        shared = self.answered().filter(
            is_confidential=False, dossier_id__in=mine.values("dossier_id")
        )
        return shared.exclude(pk__in=mine.values("pk"))

    def with_people(self):
        """Join what a row of a list shows."""
        return self.select_related("dossier", "invite__user", "user", "handed_over_from")


class Avis(models.Model):
    """What one person is asked about one dossier, and what they answer."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="avis", db_index=False)
    # What gives access; None for a colleague, who has it already.
    invite = models.ForeignKey(
        Invite, models.CASCADE, null=True, blank=True, related_name="avis", verbose_name="invité"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="collègue",
    )
    # The address that was asked, which outlives the account.
    email = models.EmailField("adresse email")
    question = models.TextField("question", max_length=QUESTION_MAX)
    is_confidential = models.BooleanField("confidentiel", default=True)
    due_on = models.DateField("à rendre avant le", null=True, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    asked_by_name = models.CharField("demandé par", max_length=300)
    created_at = models.DateTimeField("demande", default=timezone.now)
    answer = models.CharField("avis", max_length=12, choices=AvisAnswer, blank=True)
    text = models.TextField("texte", max_length=TEXT_MAX, blank=True)
    answered_at = models.DateTimeField("réponse", null=True, blank=True)
    answered_by_name = models.CharField("rendu par", max_length=300, blank=True)
    changed_at = models.DateTimeField("modification de la réponse", null=True, blank=True)
    revoked_at = models.DateTimeField("révocation", null=True, blank=True)
    # The last time that the service reminded; those of TPS itself, below, leave once each.
    reminded_at = models.DateTimeField("relance", null=True, blank=True)
    reminded_before = models.BooleanField("rappelé avant l’échéance", default=False)
    reminded_after = models.BooleanField("rappelé après l’échéance", default=False)
    handed_over_at = models.DateTimeField("transmission", null=True, blank=True)
    handed_over_from = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="handed_over_to"
    )
    handed_over_word = models.TextField("mot de qui transmet", max_length=WORD_MAX, blank=True)

    # The form where the person who reads answers it, set by the page that shows it.
    form = None

    objects = AvisQuerySet.as_manager()

    class Meta:
        verbose_name = "avis"
        verbose_name_plural = "avis"
        ordering = ["created_at", "id"]
        indexes = [
            models.Index(fields=["dossier", "created_at"], name="avis_of_dossier"),
            models.Index(
                fields=["due_on"],
                condition=Q(answer="", revoked_at=None, handed_over_at=None, due_on__isnull=False),
                name="avis_to_remind",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(invite=None) | Q(user=None), name="avis_of_an_invite_or_a_colleague"
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None)
                | Q(answer__in=AvisAnswer.values, answered_at__isnull=False),
                name="avis_answer_known_and_dated",
            ),
        ]

    def __str__(self):
        return f"avis nº {self.pk} sur le dossier nº {self.dossier_id}"

    @property
    def person(self) -> str:
        """Return the name of who was asked, the address until they come: it tells no account."""
        if self.user_id:
            return str(self.user)
        return self.invite.person if self.invite_id else self.email

    @property
    def is_of_colleague(self) -> bool:
        """Tell whether who was asked instructs the dossier already."""
        return self.invite_id is None

    @property
    def state(self) -> AvisState:
        """Return what became of it."""
        if self.answer:
            return AvisState.RENDU
        if self.handed_over_at:
            return AvisState.TRANSMIS
        if self.revoked_at or (self.invite_id and self.invite.revoked_at):
            return AvisState.REVOQUE
        if self.invite_id and self.invite.left_at:
            return AvisState.QUITTE
        if self.dossier.is_termine:
            return AvisState.SANS_OBJET
        is_late = self.due_on is not None and self.due_on < timezone.localdate()
        return AvisState.EN_RETARD if is_late else AvisState.EN_ATTENTE

    @property
    def is_awaited(self) -> bool:
        """Tell whether the service still waits for it."""
        return self.state in AWAITED

    @property
    def is_late(self) -> bool:
        """Tell whether it should have been given already."""
        return self.state == AvisState.EN_RETARD

    @property
    def badge(self) -> str:
        """Return the DSFR class of the badge that says the answer, or the state before it."""
        return ANSWER_BADGES[self.answer] if self.answer else STATE_BADGES.get(self.state, "")

    @property
    def badge_label(self) -> str:
        """Return the word of that badge."""
        return self.get_answer_display() if self.answer else self.state.label

    @property
    def has_access(self) -> bool:
        """Tell whether who was asked may still open the dossier because of it."""
        is_open = self.revoked_at is None and self.handed_over_at is None
        return is_open and (self.invite_id is None or self.invite.is_live)

    @property
    def may_be_answered(self) -> bool:
        """Tell whether it may be given, or changed: until the decision is taken."""
        return self.has_access and not self.dossier.is_termine

    @property
    def remindable_at(self):
        """Return the aware datetime from which the service may remind again."""
        return max(self.created_at, self.reminded_at or self.created_at) + REMIND_AFTER

    @property
    def may_be_reminded(self) -> bool:
        """Tell whether a reminder may leave now: once a day at most."""
        return self.is_awaited and self.remindable_at <= timezone.now()

    @property
    def page_path(self) -> str:
        """Return the page where who was asked answers."""
        name = "instruction:avis_list" if self.is_of_colleague else "avis:dossier_detail"
        return f"{reverse(name, args=[self.dossier_id])}#avis-{self.pk}"

    @property
    def question_files(self) -> list:
        """Return the files that go with the question."""
        return [file for file in self.files.all() if file.kind == AvisFileKind.QUESTION]

    @property
    def answer_files(self) -> list:
        """Return the files that go with the answer."""
        return [file for file in self.files.all() if file.kind == AvisFileKind.ANSWER]


class AvisFile(Fichier):
    """A file that goes with a question, asked of one or more people, or with an answer."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="avis_files")
    avis = models.ManyToManyField(Avis, related_name="files")
    kind = models.CharField("joint à", max_length=10, choices=AvisFileKind)

    class Meta(Fichier.Meta):
        verbose_name = "fichier d’un avis"
        verbose_name_plural = "fichiers d’avis"

    @property
    def folder(self) -> str:
        return f"avis/{self.dossier_id % 1000:03d}/{self.dossier_id}"

    @property
    def download_url(self) -> str:
        return reverse("avis:file_download", args=[self.pk])

    @property
    def preview_url(self) -> str:
        return reverse("avis:file_preview", args=[self.pk])

    @property
    def state_url(self) -> str:
        return reverse("avis:file_state", args=[self.pk])

    def on_refused(self) -> None:
        """Write to its sender what to do."""
        from instruction.avis_courriels import announce_refused  # noqa: PLC0415 -- imports models

        announce_refused(self)
