"""The files of a dossier."""

import uuid

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone


def piece_jointe_path(instance, filename: str) -> str:
    """Return a path that owes nothing to the name the file was sent under."""
    return f"dossiers/{instance.dossier_id % 1000:03d}/{instance.dossier_id}/{uuid.uuid4().hex}"


class PieceJointeQuerySet(models.QuerySet):
    """Which files of a dossier."""

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


class PieceJointe(models.Model):
    """A file attached to one champ of a dossier.

    `is_working` and `is_filed` differ between a change and its deposit. One that is neither was
    removed since, and is kept for the versions that have it.
    """

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
    is_working = models.BooleanField("dans la saisie", default=True)
    is_filed = models.BooleanField("déposée", default=False)

    objects = PieceJointeQuerySet.as_manager()

    class Meta:
        verbose_name = "pièce jointe"
        verbose_name_plural = "pièces jointes"
        ordering = ["id"]

    def __str__(self):
        return self.name
