"""The procédure: what it is called, who may apply, where it stands."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

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
from procedures.models.revision import Revision

SLUG_VALIDATOR = RegexValidator(
    r"^[a-z0-9]([a-z0-9-]{1,98}[a-z0-9])$",
    "L’adresse compte de 3 à 100 lettres minuscules sans accent, chiffres et tirets.",
)


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

    def publiees(self):
        """Return the procédures open to new dossiers."""
        return self.filter(state=ProcedureState.PUBLIEE)

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
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=ProcedureState.BROUILLON)
                | Q(published_revision__isnull=False, published_at__isnull=False),
                name="procedure_published_has_a_revision",
            ),
        ]

    def __str__(self):
        return self.title

    def save(self, *args, **kwargs):
        self.search_text = fold(f"{self.title} {self.organisme.name}")
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "search_text", "updated_at"}
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        return reverse("dossiers:procedure_public", args=[self.slug])

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
        """Tell whether a new dossier may be begun and submitted."""
        return self.state == ProcedureState.PUBLIEE

    @property
    def accepts_particuliers(self) -> bool:
        """Tell whether a person may apply in their own name."""
        return self.demandeurs != Demandeurs.ENTREPRISE

    @property
    def accepts_entreprises(self) -> bool:
        """Tell whether a company may apply by its SIRET."""
        return self.demandeurs != Demandeurs.PARTICULIER
