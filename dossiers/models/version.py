"""What was filed, each time something was filed."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone

from dossiers.enums import Civilite
from dossiers.models.franceconnect import FromFranceConnect
from entreprise_api.models import Etablissement
from procedures.models import Revision


class Version(FromFranceConnect):
    """A dossier as it was filed: append-only; its files are kept as long as it is."""

    dossier = models.ForeignKey(
        "dossiers.Dossier", models.CASCADE, related_name="versions", db_index=False
    )
    number = models.PositiveIntegerField("numéro")
    revision = models.ForeignKey(Revision, models.PROTECT, related_name="+")
    civilite = models.CharField(max_length=4, choices=Civilite, blank=True)
    prenom = models.CharField(max_length=150, blank=True)
    nom = models.CharField(max_length=150, blank=True)
    mandataire_prenom = models.CharField(max_length=150, blank=True)
    mandataire_nom = models.CharField(max_length=150, blank=True)
    beneficiaire_email = models.EmailField(blank=True)
    etablissement = models.ForeignKey(
        Etablissement, models.PROTECT, null=True, blank=True, related_name="+"
    )
    reponses = models.JSONField(default=dict, encoder=DjangoJSONEncoder, blank=True)
    # Who gave each answer: see `dossiers.auteurs`.
    auteurs = models.JSONField(default=dict, blank=True)
    pieces_jointes = models.ManyToManyField(
        "dossiers.PieceJointe", related_name="versions", blank=True
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # Their name at that time, which outlives the account.
    by_name = models.CharField("déposant", max_length=300, blank=True)
    deposited_at = models.DateTimeField("dépôt", default=timezone.now)

    class Meta:
        verbose_name = "version déposée"
        verbose_name_plural = "versions déposées"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["dossier", "number"], name="version_number_once"),
        ]

    def __str__(self):
        return f"version {self.number} du dossier nº {self.dossier_id}"

    def save(self, *args, **kwargs):
        if not self._state.adding:
            raise ValidationError("Une version déposée ne se modifie pas.")
        super().save(*args, **kwargs)
