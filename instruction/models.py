"""What accompagnateurs keep for their own work."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from dossiers.enums import MESSAGE_MAX
from dossiers.models import Dossier
from entreprise_api.models import Etablissement
from instruction.avis_models import Avis as Avis
from instruction.avis_models import AvisFile as AvisFile
from instruction.enums import Rythme
from instruction.lots.models import Lot, LotLigne  # noqa: F401 -- found by Django here
from procedures.models import Procedure

TITLE_MAX = 100


class ReponseType(models.Model):
    """A text that the accompagnateurs of a procédure send often, with balises."""

    procedure = models.ForeignKey(
        Procedure, models.CASCADE, related_name="reponses_types", db_index=False
    )
    title = models.CharField("titre", max_length=TITLE_MAX)
    body = models.TextField("texte", max_length=MESSAGE_MAX)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    updated_at = models.DateTimeField("dernière modification", auto_now=True)

    class Meta:
        verbose_name = "réponse type"
        verbose_name_plural = "réponses types"
        ordering = ["title", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["procedure", "title"],
                name="reponse_type_title_once",
                violation_error_message="Une réponse type de cette procédure porte déjà ce titre.",
            ),
        ]

    def __str__(self):
        return self.title


class Visite(models.Model):
    """When an accompagnateur last saw each part of a dossier; None for what they never saw.

    How far they read the messagerie is in `dossiers.models.LectureMessagerie`.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False
    )
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="visites")
    demande_at = models.DateTimeField("demande", null=True)
    # The visit before the one that showed the last change: what changed is told from there.
    demande_before_at = models.DateTimeField(null=True)
    annotations_at = models.DateTimeField("annotations", null=True)
    avis_at = models.DateTimeField("avis", null=True)

    class Meta:
        verbose_name = "visite"
        constraints = [
            models.UniqueConstraint(fields=["user", "dossier"], name="visite_one_by_person"),
        ]

    def __str__(self):
        return f"visite du dossier nº {self.dossier_id}"


class EnvoiSynthese(models.Model):
    """One sending of the digests to everybody; it goes on where it stopped."""

    kind = models.CharField("rythme", max_length=10, choices=Rythme)
    # The period that it tells of, by the calendar of Paris; `ends_on` is its first day left out.
    starts_on = models.DateField("début")
    ends_on = models.DateField("fin")
    last_user_id = models.BigIntegerField(default=0)
    finished_at = models.DateTimeField("fin de l’envoi", null=True)

    class Meta:
        verbose_name = "envoi de synthèses"
        verbose_name_plural = "envois de synthèses"
        constraints = [
            models.UniqueConstraint(fields=["kind", "ends_on"], name="envoi_synthese_once"),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} jusqu’au {self.ends_on:%d/%m/%Y}"


class Actualisation(models.Model):
    """The last time somebody asked the company of a dossier again, and what came of it.

    The dossier keeps its former data until the new ones are there.
    """

    dossier = models.OneToOneField(Dossier, models.CASCADE, primary_key=True, related_name="+")
    # The snapshot that was asked for; None once what it said is known.
    etablissement = models.ForeignKey(
        Etablissement, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    asked_at = models.DateTimeField("demandée le", default=timezone.now)
    ended_at = models.DateTimeField("terminée le", null=True)
    # Why the company was not found again, empty when it was.
    failure = models.CharField("échec", max_length=100, blank=True)
    # What differs: lists of a label, the former value, the new one.
    changes = models.JSONField("changements", default=list, blank=True)

    class Meta:
        verbose_name = "actualisation"

    def __str__(self):
        return f"actualisation du dossier nº {self.dossier_id}"

    @property
    def is_pending(self) -> bool:
        """Tell whether the answer is still to come."""
        return self.ended_at is None


class Tableau(models.Model):
    """How a person left the list of a procédure: their columns, and what it showed."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False
    )
    procedure = models.ForeignKey(Procedure, models.CASCADE, related_name="+")
    # Keys of `instruction.colonnes`; an empty list for those TPS proposes.
    columns = models.JSONField("colonnes", default=list, blank=True)
    # The parameters of the list as it was last seen.
    query = models.TextField("dernière liste", blank=True)

    class Meta:
        verbose_name = "tableau"
        verbose_name_plural = "tableaux"
        constraints = [
            models.UniqueConstraint(fields=["user", "procedure"], name="tableau_one_by_person"),
        ]

    def __str__(self):
        return f"tableau de {self.user} pour « {self.procedure} »"


class VueEnregistree(models.Model):
    """A list that a person keeps under a name: filters, search, order and columns."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False
    )
    procedure = models.ForeignKey(Procedure, models.CASCADE, related_name="+")
    name = models.CharField("nom", max_length=TITLE_MAX)
    # The parameters of its address, columns included, without their `?`.
    query = models.TextField("paramètres")

    class Meta:
        verbose_name = "vue enregistrée"
        verbose_name_plural = "vues enregistrées"
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "procedure", "name"],
                name="vue_name_once",
                violation_error_message="Vous avez déjà une vue de ce nom.",
            ),
        ]

    def __str__(self):
        return self.name
