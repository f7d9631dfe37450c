"""A document given with a decision."""

from django.db import models
from django.urls import reverse

from dossiers.models.fichier import Fichier


class DecisionFile(Fichier):
    """A file that goes with the decision of a dossier; taken back with it, never erased."""

    dossier = models.ForeignKey(
        "dossiers.Dossier", models.CASCADE, related_name="documents_decision"
    )
    # When the dossier was reopened: from then on the service alone still reads it.
    withdrawn_at = models.DateTimeField("retrait", null=True, editable=False)

    class Meta(Fichier.Meta):
        verbose_name = "document de décision"
        verbose_name_plural = "documents de décision"

    @property
    def folder(self) -> str:
        return f"decisions/{self.dossier_id % 1000:03d}/{self.dossier_id}"

    @property
    def download_url(self) -> str:
        return reverse("dossiers:decision_file_download", args=[self.pk])

    @property
    def preview_url(self) -> str:
        return reverse("dossiers:decision_file_preview", args=[self.pk])

    @property
    def state_url(self) -> str:
        return reverse("dossiers:decision_file_state", args=[self.pk])

    def on_refused(self) -> None:
        """Write to whoever joined it."""
        from dossiers.annonces import announce_document_refused  # noqa: PLC0415 -- it imports us

        announce_document_refused(self)
