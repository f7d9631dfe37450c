"""The procédure: what it is called, who may apply, when, where it stands."""

import uuid
from datetime import datetime

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisme
from commun.text import fold
from procedures.coordonnees import check_cadre_juridique, check_https_url, check_phone
from procedures.enums import (
    PROCEDURE_STATE_BADGES,
    Demandeurs,
    ProcedureState,
)
from procedures.models.administration import Administration
from procedures.models.affectation import Affectation
from procedures.models.groupe import DEFAULT_GROUPE_NAME, Groupe
from procedures.models.revision import Revision

SLUG_VALIDATOR = RegexValidator(
    r"^[a-z0-9]([a-z0-9-]{1,98}[a-z0-9])$",
    "L’adresse compte de 3 à 100 lettres minuscules sans accent, chiffres et tirets.",
)
TEXTE_MAX = 20_000


def procedure_logo_path(instance, filename: str) -> str:
    """Return a path that owes nothing to the name the image was sent under."""
    return f"procedures/{instance.pk}/logo/{uuid.uuid4().hex}"


class ProcedureQuerySet(models.QuerySet):
    """Which procédures, and who sees them."""

    def administered_by(self, user):
        """Return the procédures that `user` designs: on their list, while in their organisme."""
        return self.filter(
            Exists(Administration.objects.filter(procedure_id=OuterRef("pk"), user_id=user.pk)),
            organisme_id__in=Organisme.administrateurs.through.objects.filter(
                user_id=user.pk
            ).values("organisme_id"),
        )

    def orphaned(self):
        """Return the procédures that nobody designs any more."""
        holders = Administration.objects.in_force().filter(procedure_id=OuterRef("pk"))
        return self.exclude(Exists(holders))

    def instructed_by(self, user):
        """Return the procédures to which `user` is assigned as accompagnateur."""
        return self.filter(
            Exists(Affectation.objects.filter(procedure_id=OuterRef("pk"), user_id=user.pk))
        )

    def followed_by(self, user):
        """Return the procédures that `user` designs or instructs."""
        administered = Procedure.objects.administered_by(user).values("pk")
        instructed = Procedure.objects.instructed_by(user).values("pk")
        return self.filter(Q(pk__in=administered) | Q(pk__in=instructed))

    def publiees(self):
        """Return the published procédures that take dossiers, now or from their opening date."""
        return self.filter(state=ProcedureState.PUBLIEE).exclude(closes_at__lte=timezone.now())

    def due_to_close(self, now: datetime):
        """Return the published procédures whose closing date has come."""
        return self.filter(state=ProcedureState.PUBLIEE, closes_at__lte=now)

    def modeles(self):
        """Return the open procédures whose administrateurs share the form in the gallery."""
        return self.publiees().filter(is_modele=True)

    def public(self):
        """Return the procédures that have a public page: the open and the closed ones."""
        return self.filter(state__in=[ProcedureState.PUBLIEE, ProcedureState.CLOSE])

    def with_unpublished_changes(self):
        """Add `has_unpublished_changes`: whether the draft of a published form differs from it."""
        drafts = Revision.objects.drafts().filter(procedure_id=OuterRef("pk"))
        return self.annotate(
            has_unpublished_changes=Exists(
                drafts.exclude(document=OuterRef("published_revision__document")).filter(
                    procedure__published_revision__isnull=False
                )
            )
        )

    def search(self, text: str):
        """Return the procédures whose title or organisme holds every word of `text`."""
        found = self
        for word in fold(text).split()[:10]:
            found = found.filter(search_text__contains=word)
        return found


class Procedure(models.Model):
    """An administrative procedure that people can follow online."""

    organisme = models.ForeignKey(
        Organisme, models.PROTECT, related_name="procedures", verbose_name="organisme"
    )
    title = models.CharField("titre", max_length=200)
    slug = models.CharField(
        "adresse publique",
        max_length=100,
        unique=True,
        validators=[SLUG_VALIDATOR],
        error_messages={"unique": "Cette adresse est déjà prise par une autre procédure."},
    )
    description = models.TextField("description", blank=True, max_length=20_000)
    demandeurs = models.CharField(
        "qui peut déposer un dossier",
        max_length=20,
        choices=Demandeurs,
        default=Demandeurs.PARTICULIER,
    )
    retention_months = models.PositiveSmallIntegerField(
        "durée de conservation des dossiers, en mois",
        default=12,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
    )
    service_name = models.CharField("service", max_length=200, blank=True)
    service_email = models.EmailField("adresse email du service", blank=True)
    service_phone = models.CharField(
        "téléphone du service", max_length=40, blank=True, validators=[check_phone]
    )
    service_website = models.CharField(
        "site du service", max_length=200, blank=True, validators=[check_https_url]
    )
    service_hours = models.TextField("horaires du service", blank=True, max_length=500)
    service_address = models.TextField("adresse du service", blank=True, max_length=500)
    cadre_juridique = models.TextField(
        "cadre juridique", blank=True, max_length=2000, validators=[check_cadre_juridique]
    )
    donnees_destinataires = models.TextField(
        "destinataires des données", blank=True, max_length=2000
    )
    dpo_contact = models.CharField(
        "contact du délégué à la protection des données", blank=True, max_length=254
    )
    state = models.CharField(
        "état", max_length=20, choices=ProcedureState, default=ProcedureState.BROUILLON
    )
    published_revision = models.ForeignKey(
        "Revision", models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    published_at = models.DateTimeField("publication", null=True, blank=True)
    closed_at = models.DateTimeField("clôture", null=True, blank=True)
    is_modele = models.BooleanField("proposée comme modèle", default=False)
    # What is planned, see `procedures.dates`; each is None when nothing is.
    opens_at = models.DateTimeField("ouverture prévue", null=True, blank=True)
    closes_at = models.DateTimeField("clôture prévue", null=True, blank=True)
    passage_at = models.DateTimeField("passage en instruction prévu", null=True, blank=True)
    passage_at_closing = models.BooleanField("passage en instruction à la clôture", default=False)
    closing_text = models.TextField("texte de clôture", blank=True, max_length=TEXTE_MAX)
    # What `procedures.logos` drew again; shown wherever the procédure speaks to the public.
    logo = models.FileField("logo", upload_to=procedure_logo_path, blank=True, editable=False)
    thanks_text = models.TextField("texte de remerciement", blank=True, max_length=TEXTE_MAX)
    # Whether the usager may write to the service before filing, from their brouillon.
    dialogue_prealable = models.BooleanField("dialogue avant le dépôt", default=False)
    statistiques_publiques = models.BooleanField("statistiques publiques", default=False)
    # What opens the test mode of the draft to whoever holds the link; None: no link.
    test_token = models.CharField(
        "jeton d’essai", max_length=64, unique=True, null=True, blank=True, editable=False
    )
    search_text = models.TextField(editable=False, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField("création", auto_now_add=True)
    updated_at = models.DateTimeField("dernière modification", auto_now=True)

    objects = ProcedureQuerySet.as_manager()

    class Meta:
        verbose_name = "procédure"
        indexes = [
            models.Index(fields=["state", "-published_at", "-id"]),
            models.Index(
                fields=["-published_at", "-id"],
                condition=Q(is_modele=True, state=ProcedureState.PUBLIEE),
                name="procedure_modeles",
            ),
            # What the clock looks for every minute: few rows among all those that ever closed.
            models.Index(
                fields=["closes_at"],
                condition=Q(state=ProcedureState.PUBLIEE, closes_at__isnull=False),
                name="procedure_due_to_close",
            ),
            models.Index(
                fields=["passage_at"],
                condition=Q(passage_at__isnull=False),
                name="procedure_passage",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=ProcedureState.BROUILLON)
                | Q(published_revision__isnull=False, published_at__isnull=False),
                name="procedure_published_has_a_revision",
            ),
            models.CheckConstraint(
                condition=Q(opens_at__isnull=True)
                | Q(closes_at__isnull=True)
                | Q(opens_at__lt=F("closes_at")),
                name="procedure_opens_before_it_closes",
            ),
            models.CheckConstraint(
                condition=Q(passage_at_closing=False)
                | Q(closes_at__isnull=False, passage_at__isnull=False, passage_at=F("closes_at")),
                name="procedure_passage_at_closing",
            ),
        ]

    def __str__(self):
        return self.title

    def save(self, *args, **kwargs):
        self.search_text = fold(f"{self.title} {self.organisme.name}")
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "search_text", "updated_at"}
        if not self._state.adding:
            super().save(*args, **kwargs)
            return
        with transaction.atomic():
            super().save(*args, **kwargs)
            Groupe.objects.create(procedure=self, name=DEFAULT_GROUPE_NAME, is_default=True)

    def get_absolute_url(self):
        return reverse("dossiers:procedure_public", args=[self.slug])

    @property
    def logo_path(self) -> str:
        """Return the path of its logo, another for each image; an empty string without one."""
        if not self.logo:
            return ""
        return f"{reverse('procedures:logo_show', args=[self.pk])}?v={self.logo.name[-8:]}"

    @property
    def was_published(self) -> bool:
        """Tell whether the public ever saw it: its address and its demandeurs are then frozen."""
        return self.published_revision_id is not None

    @property
    def state_badge(self) -> str:
        """Return the DSFR class of the badge of its state."""
        return PROCEDURE_STATE_BADGES[self.state]

    @property
    def is_open(self) -> bool:
        """Tell whether a new dossier may be begun and submitted now, by the server's clock."""
        return (
            self.state == ProcedureState.PUBLIEE
            and not self.is_upcoming
            and not _is_past(self.closes_at)
        )

    @property
    def is_upcoming(self) -> bool:
        """Tell whether it is published and waits for its opening date."""
        return (
            self.state == ProcedureState.PUBLIEE
            and self.opens_at is not None
            and not _is_past(self.opens_at)
        )

    @property
    def closed_since(self) -> datetime | None:
        """Return when it closed, whether or not the clock has noted it yet; None if it did not."""
        if self.state == ProcedureState.CLOSE:
            return self.closed_at
        is_due = self.state == ProcedureState.PUBLIEE and _is_past(self.closes_at)
        return self.closes_at if is_due else None

    @property
    def is_closed_by_date(self) -> bool:
        """Tell whether it is closed and only a new closing date, or none, can open it again."""
        return self.closed_since is not None and _is_past(self.closes_at)

    @property
    def is_passage_to_come(self) -> bool:
        """Tell whether its dossiers en construction will pass en instruction by themselves."""
        return self.passage_at is not None and not _is_past(self.passage_at)

    @property
    def accepts_particuliers(self) -> bool:
        """Tell whether a person may apply in their own name."""
        return self.demandeurs != Demandeurs.ENTREPRISE

    @property
    def accepts_entreprises(self) -> bool:
        """Tell whether a company may apply by its SIRET."""
        return self.demandeurs != Demandeurs.PARTICULIER


def _is_past(moment: datetime | None) -> bool:
    return moment is not None and moment <= timezone.now()
