"""What every file that people send has in common, whatever it is attached to.

A subclass names the `folder` of its content and the addresses it is served at. The tasks of
`dossiers.analyse` then scan it and draw its preview, and `dossiers.telechargement` serves it.
"""

import uuid
from pathlib import PurePosixPath

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from commun.file_size import file_size
from commun.images import PREVIEWED_TYPES

PREVIEW_ATTEMPTS_MAX = 3


class ScanState(models.TextChoices):
    """What the antivirus says of a file."""

    NON_ANALYSE = "non_analyse", "non analysé"
    EN_COURS = "en_cours", "analyse antivirus en cours"
    SAIN = "sain", "sain"
    REFUSE = "refuse", "refusé par l’antivirus"


class PreviewState(models.TextChoices):
    """Whether a small image of a file can be shown."""

    AUCUN = "aucun", "sans aperçu"
    A_FAIRE = "a_faire", "à faire"
    FAIT = "fait", "fait"
    IMPOSSIBLE = "impossible", "impossible"


SCAN_PENDING = (ScanState.NON_ANALYSE, ScanState.EN_COURS)


def fichier_path(instance, filename: str) -> str:
    """Return a path that owes nothing to the name the file was sent under."""
    return f"{instance.folder}/{uuid.uuid4().hex}"


def first_scan_state() -> str:
    """Return the state of a file that has just come."""
    return ScanState.EN_COURS if settings.CLAMD_URL else ScanState.NON_ANALYSE


class FichierQuerySet(models.QuerySet):
    """Which files wait for something."""

    def not_refused(self):
        """Leave out what the antivirus refused."""
        return self.exclude(scan_state=ScanState.REFUSE)

    def to_examine(self, now):
        """Return those to scan or to draw a preview of that may be tried now."""
        due = self.filter(next_attempt_at__lte=now)
        to_scan = Q(scan_state__in=SCAN_PENDING)
        to_draw = Q(preview_state=PreviewState.A_FAIRE, attempts__lt=PREVIEW_ATTEMPTS_MAX)
        if settings.CLAMD_URL:
            return due.filter(to_scan | (to_draw & Q(scan_state=ScanState.SAIN)))
        return due.filter(to_draw).not_refused()


class Fichier(models.Model):
    """A file that somebody sent: never given to anyone before it may be."""

    file = models.FileField("fichier", upload_to=fichier_path)
    name = models.CharField("nom", max_length=200)
    content_type = models.CharField("type", max_length=100)
    size_bytes = models.PositiveBigIntegerField("taille")
    sha256 = models.CharField("empreinte SHA-256", max_length=64)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField("ajout", default=timezone.now)
    scan_state = models.CharField(
        "antivirus", max_length=12, choices=ScanState, default=first_scan_state
    )
    scanned_at = models.DateTimeField("analyse", null=True, blank=True)
    # The name of what was found: for ops, never shown to people.
    scan_signature = models.CharField("signature trouvée", max_length=200, blank=True)
    preview = models.FileField("aperçu", upload_to=fichier_path, blank=True)
    preview_state = models.CharField(
        "état de l’aperçu", max_length=10, choices=PreviewState, default=PreviewState.AUCUN
    )
    # Of the scan, then of the preview.
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    next_attempt_at = models.DateTimeField("prochain essai", default=timezone.now)

    objects = FichierQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["id"]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(scan_state__in=SCAN_PENDING),
                name="%(class)s_to_scan",
            ),
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(preview_state=PreviewState.A_FAIRE),
                name="%(class)s_to_draw",
            ),
        ]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        if self._state.adding and self.content_type in PREVIEWED_TYPES:
            self.preview_state = PreviewState.A_FAIRE
        super().save(*args, **kwargs)

    # --- What a subclass says -----------------------------------------------------------------

    @property
    def folder(self) -> str:
        """Return the folder of its content in the storage."""
        raise NotImplementedError

    @property
    def download_url(self) -> str:
        """Return the address it is saved from."""
        raise NotImplementedError

    @property
    def preview_url(self) -> str:
        """Return the address of its small image."""
        raise NotImplementedError

    @property
    def state_url(self) -> str:
        """Return the address of its line, asked for again while it changes."""
        raise NotImplementedError

    def on_refused(self) -> None:
        """Tell whom it concerns; runs in the transaction of the refusal."""
        raise NotImplementedError

    # --- What holds for all -------------------------------------------------------------------

    @property
    def is_refused(self) -> bool:
        """Tell whether the antivirus refused it: nobody gets it, ever."""
        return self.scan_state == ScanState.REFUSE

    @property
    def is_servable(self) -> bool:
        """Tell whether its content may be given to those who may read it."""
        if settings.CLAMD_URL:
            return self.scan_state == ScanState.SAIN
        return not self.is_refused

    @property
    def is_scanning(self) -> bool:
        """Tell whether it waits for the antivirus."""
        return not self.is_servable and not self.is_refused

    @property
    def has_preview(self) -> bool:
        """Tell whether there is a small image to show."""
        return self.is_servable and self.preview_state == PreviewState.FAIT

    @property
    def is_changing(self) -> bool:
        """Tell whether a page that shows it should ask again."""
        to_draw = self.preview_state == PreviewState.A_FAIRE
        return self.is_scanning or (
            self.is_servable and to_draw and self.attempts < PREVIEW_ATTEMPTS_MAX
        )

    @property
    def scan_label(self) -> str:
        """Return what the antivirus says of it, as people read it."""
        return (ScanState.EN_COURS if self.is_scanning else ScanState(self.scan_state)).label

    @property
    def detail(self) -> str:
        """Return its type and weight as the DSFR writes them: `PDF – 1,2 Mo`."""
        extension = PurePosixPath(self.name).suffix.lstrip(".").upper() or "Fichier"
        return f"{extension} – {file_size(self.size_bytes)}"
