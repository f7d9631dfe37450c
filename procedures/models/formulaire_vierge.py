"""Blank forms to download."""

import uuid

from django.db import models
from django.urls import reverse

from commun.file_size import file_size


def formulaire_vierge_path(instance, filename: str) -> str:
    """Return a path that owes nothing to the name the file was sent under."""
    return f"procedures/{instance.procedure_id}/formulaires/{uuid.uuid4().hex}"


class FormulaireVierge(models.Model):
    """A blank form that usagers download, fill in and attach; kept while a revision names it."""

    procedure = models.ForeignKey(
        "procedures.Procedure", models.CASCADE, related_name="formulaires_vierges"
    )
    file = models.FileField("fichier", upload_to=formulaire_vierge_path)
    name = models.CharField("nom", max_length=200)
    content_type = models.CharField("type", max_length=100)
    size_bytes = models.PositiveBigIntegerField("taille")
    created_at = models.DateTimeField("ajout", auto_now_add=True)

    class Meta:
        verbose_name = "formulaire vierge"
        verbose_name_plural = "formulaires vierges"

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("procedures:formulaire_vierge_download", args=[self.pk])

    @property
    def detail(self) -> str:
        """Return its format and weight as the DSFR writes them: `PDF – 120 Ko`."""
        extension = self.name.rpartition(".")[2].upper()
        return f"{extension} – {file_size(self.size_bytes)}"
