"""The attestation that a procédure issues, and the images it prints."""

import uuid

from django.db import models


def image_attestation_path(instance, filename: str) -> str:
    """Return a path that owes nothing to the name the image was sent under."""
    return f"procedures/{instance.procedure_id}/images/{uuid.uuid4().hex}"


class ImageAttestation(models.Model):
    """A logo or a signature; never changed, and kept as long as an attestation prints it."""

    procedure = models.ForeignKey(
        "procedures.Procedure", models.CASCADE, related_name="images_attestation"
    )
    file = models.FileField("fichier", upload_to=image_attestation_path)
    created_at = models.DateTimeField("ajout", auto_now_add=True)

    class Meta:
        verbose_name = "image d’attestation"
        verbose_name_plural = "images d’attestation"

    def __str__(self):
        return f"image nº {self.pk}"


class ModeleAttestation(models.Model):
    """What the attestation of a procédure says; without a row, none is issued."""

    procedure = models.OneToOneField(
        "procedures.Procedure", models.CASCADE, related_name="modele_attestation"
    )
    is_active = models.BooleanField("délivrer une attestation", default=False)
    title = models.CharField("titre", max_length=200)
    body = models.TextField("texte", max_length=10_000)
    signatory_name = models.CharField("nom du signataire", max_length=200, blank=True)
    signatory_title = models.CharField("qualité du signataire", max_length=200, blank=True)
    footer = models.CharField("pied de page", max_length=500, blank=True)
    logo = models.ForeignKey(
        ImageAttestation, models.PROTECT, null=True, blank=True, related_name="+"
    )
    signature = models.ForeignKey(
        ImageAttestation, models.PROTECT, null=True, blank=True, related_name="+"
    )
    updated_at = models.DateTimeField("dernière modification", auto_now=True)

    class Meta:
        verbose_name = "modèle d’attestation"
        verbose_name_plural = "modèles d’attestation"

    def __str__(self):
        return f"attestation de « {self.procedure} »"
