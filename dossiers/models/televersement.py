"""Files that arrive piece by piece."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class TeleversementQuerySet(models.QuerySet):
    """Which uploads are under way."""

    def open(self):
        """Return those that were not finished."""
        return self.filter(finished_at=None)

    def abandoned(self, limit):
        """Return those to erase: untouched since `limit`, or whose dossier is gone."""
        return self.filter(Q(updated_at__lt=limit) | Q(dossier=None) | Q(by=None))


class Televersement(models.Model):
    """A file on its way to a champ: what was announced, and how much has come.

    Each piece is an object of the storage, all of `chunk_bytes` but the last, so that any web
    process takes the next one. The row stays a while once finished: the answer may have been lost.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Kept when they go, so that the sweep still finds the pieces to erase.
    dossier = models.ForeignKey(
        "dossiers.Dossier", models.SET_NULL, null=True, related_name="televersements"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    champ_id = models.CharField("champ", max_length=64)
    name = models.CharField("nom", max_length=200)
    size_bytes = models.PositiveBigIntegerField("taille annoncée")
    # When the file was last changed on its computer, in milliseconds: the same file, or another.
    modified_ms = models.BigIntegerField("modification du fichier", default=0)
    chunk_bytes = models.PositiveIntegerField("taille d’un morceau")
    received_bytes = models.PositiveBigIntegerField("reçu", default=0)
    created_at = models.DateTimeField("création", default=timezone.now)
    updated_at = models.DateTimeField("dernier morceau", default=timezone.now, db_index=True)
    finished_at = models.DateTimeField("fin", null=True, blank=True)

    objects = TeleversementQuerySet.as_manager()

    class Meta:
        verbose_name = "téléversement"
        constraints = [
            models.CheckConstraint(
                condition=Q(received_bytes__lte=F("size_bytes")),
                name="televersement_never_longer_than_announced",
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def is_complete(self) -> bool:
        """Tell whether every piece has come."""
        return self.received_bytes == self.size_bytes

    @property
    def next_length(self) -> int:
        """Return the length of the piece that is waited for."""
        return min(self.chunk_bytes, self.size_bytes - self.received_bytes)

    def chunk_name(self, offset: int) -> str:
        """Return where the piece that begins at `offset` is kept."""
        return f"televersements/{self.pk.hex[:2]}/{self.pk.hex}/{offset:012d}"

    @property
    def chunk_names(self) -> list[str]:
        """Return where the pieces that have come are kept, in order."""
        return [
            self.chunk_name(offset) for offset in range(0, self.received_bytes, self.chunk_bytes)
        ]
