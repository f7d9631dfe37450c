"""The files of a dossier."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone


def piece_jointe_path(instance, filename: str) -> str:
    """Return a path that owes nothing to the name the file was sent under."""
    return f"dossiers/{instance.dossier_id % 1000:03d}/{instance.dossier_id}/{uuid.uuid4().hex}"


class PieceJointe(models.Model):
    """A file attached to one champ of a dossier."""

    dossier = models.ForeignKey("dossiers.Dossier", models.CASCADE, related_name="pieces_jointes")
    # As the dossier knows the champ: with the id of its row, in a bloc répétable.
    champ_id = models.CharField("champ", max_length=64)
    file = models.FileField("fichier", upload_to=piece_jointe_path)
    name = models.CharField("nom", max_length=200)
    content_type = models.CharField("type", max_length=100)
    size_bytes = models.PositiveBigIntegerField("taille")
    sha256 = models.CharField("empreinte SHA-256", max_length=64)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField("ajout", default=timezone.now)

    class Meta:
        verbose_name = "pièce jointe"
        verbose_name_plural = "pièces jointes"
        ordering = ["id"]

    def __str__(self):
        return self.name
