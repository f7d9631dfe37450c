"""The files of a dossier."""

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from dossiers.models.fichier import Fichier, FichierQuerySet, fichier_path


def piece_jointe_path(instance, filename: str) -> str:
    """Return a path that owes nothing to the name the file was sent under."""
    return fichier_path(instance, filename)


class PieceJointeQuerySet(FichierQuerySet):
    """Which files of dossiers, and who sees them."""

    def listed(self):
        """Return the files that the pages and documents of a dossier show, with their sender."""
        return self.select_related("uploaded_by")

    def working(self):
        """Keep those that its usager has in the form now."""
        return self.filter(is_working=True)

    def filed(self):
        """Keep those that accompagnateurs see now."""
        return self.filter(is_filed=True)

    def readable_by(self, user):
        """Return the files that `user` may read.

        - Those of a dossier they fill in, or read as its usager does: all of them.
        - Those of a dossier they examine: what was filed, now or in a former version.
        - Those of a dossier the service invites them to look at: what is filed now.
        """
        dossiers = apps.get_model("dossiers", "Dossier").with_tests
        filled_in = Q(dossier__in=dossiers.filled_in_by(user))
        examined = Q(dossier__in=dossiers.examined_by(user))
        consulted = Q(dossier__in=dossiers.consulted_by(user), is_filed=True)
        versions = self.model.versions.through.objects.filter(piecejointe_id=OuterRef("pk"))
        was_filed = Q(is_filed=True) | Exists(versions)
        return self.filter(filled_in | consulted | (examined & was_filed))

    def of_dossiers(self, dossiers):
        """Return the files of `dossiers`, the very ones a person may read or change."""
        return self.filter(dossier__in=dossiers)


class PieceJointe(Fichier):
    """A file attached to one champ of a dossier.

    `is_working` and `is_filed` differ between a change and its deposit. One that is neither was
    removed since, and is kept for the versions that have it.
    """

    dossier = models.ForeignKey("dossiers.Dossier", models.CASCADE, related_name="pieces_jointes")
    # As the dossier knows the champ: with the id of its row, in a bloc répétable.
    champ_id = models.CharField("champ", max_length=64)
    is_working = models.BooleanField("dans la saisie", default=True)
    is_filed = models.BooleanField("déposée", default=False)

    objects = PieceJointeQuerySet.as_manager()

    class Meta(Fichier.Meta):
        verbose_name = "pièce jointe"
        verbose_name_plural = "pièces jointes"

    @property
    def folder(self) -> str:
        return f"dossiers/{self.dossier_id % 1000:03d}/{self.dossier_id}"

    @property
    def download_url(self) -> str:
        return reverse("dossiers:piece_jointe_download", args=[self.pk])

    @property
    def preview_url(self) -> str:
        return reverse("dossiers:piece_jointe_preview", args=[self.pk])

    @property
    def state_url(self) -> str:
        return reverse("dossiers:piece_jointe_state", args=[self.pk])

    def on_refused(self) -> None:
        """Write to the usager what to do."""
        from dossiers.refus import write_of_refused  # noqa: PLC0415 -- it imports the models

        write_of_refused(self)
