"""What the usager of a filed dossier changes before filing it again."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone

from dossiers.enums import Civilite
from dossiers.models.franceconnect import FromFranceConnect
from entreprise_api.models import Etablissement


class Modification(FromFranceConnect):
    """The working copy of a dossier en construction: private until « Déposer mes modifications ».

    Its fields stand for those of the same name of the dossier; its files are the dossier's own,
    `is_working`. Written under the lock of the dossier's row, in `dossiers.copie` alone.
    """

    dossier = models.OneToOneField(
        "dossiers.Dossier", models.CASCADE, primary_key=True, related_name="modification"
    )
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
    saisies_refusees = models.JSONField(default=dict, blank=True)
    auteurs = models.JSONField(default=dict, blank=True)
    started_at = models.DateTimeField("début", default=timezone.now)
    updated_at = models.DateTimeField("dernière modification", default=timezone.now)

    class Meta:
        verbose_name = "modifications non déposées"
        verbose_name_plural = "modifications non déposées"

    def __str__(self):
        return f"modifications du dossier nº {self.pk}"
