"""What is done with each file once it has come: scanned by the antivirus, then previewed.

The row is the truth. A task takes it for the length of a lease; the sweep takes it up again when
the task, the worker, Redis or the antivirus failed, for as long as it takes.
"""

import logging
from datetime import timedelta

from django.apps import apps
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from commun import antivirus
from commun.images import NoPreview, draw_preview
from dossiers.models import Fichier, PreviewState, ScanState
from dossiers.models.fichier import SCAN_PENDING
from dossiers.tasks import examine_fichier

logger = logging.getLogger(__name__)
# How long one attempt may take before another is made: more than a task is left to live.
LEASE = timedelta(minutes=11)
RETRY_AFTER = timedelta(seconds=15)
RETRY_MAX = timedelta(minutes=10)
ATTEMPTS_MAX = 1000  # it only counts: a scan is tried again for ever
SWEPT_MAX = 500


def examine_after_commit(fichier: Fichier) -> None:
    """Queue the scan and the preview of a row that this transaction writes, where it wants any."""
    if fichier.is_changing:
        examine_fichier.delay_on_commit(fichier._meta.label, fichier.pk)


def examine(label: str, pk: int) -> None:
    """Scan a file, then draw its preview; safe to run twice, or ten at once."""
    fichier = _claim(label, pk)
    if fichier is None:
        return
    try:
        if antivirus.is_on() and fichier.scan_state != ScanState.SAIN and not _scan(fichier):
            return
        if fichier.preview_state == PreviewState.A_FAIRE:
            _draw(fichier)
    except (antivirus.AntivirusUnavailable, OSError) as error:
        delay = min(RETRY_AFTER * 2 ** min(fichier.attempts - 1, 10), RETRY_MAX)
        log = (
            logger.error if isinstance(error, antivirus.FileTooLongForAntivirus) else logger.warning
        )
        log("%s nº %s : essai %s sans résultat (%s)", label, pk, fichier.attempts, error)
        _rows(label).filter(pk=pk).update(next_attempt_at=timezone.now() + delay)


def take_left_behind() -> list[tuple[str, int]]:
    """Return what should have been examined, as (model, id), to be queued again."""
    now = timezone.now()
    return [
        (model._meta.label, pk)
        for model in fichier_models()
        for pk in model._default_manager.to_examine(now)
        .order_by("next_attempt_at")
        .values_list("pk", flat=True)[:SWEPT_MAX]
    ]


def fichier_models() -> list[type[Fichier]]:
    """Return every kind of file that people send."""
    return [model for model in apps.get_models() if issubclass(model, Fichier)]


def _rows(label: str):
    return apps.get_model(label)._default_manager


def _claim(label: str, pk: int) -> Fichier | None:
    """Take a file to examine for the length of a lease, None when there is nothing to do.

    An attempt counts before it begins: one that kills its process is not made for ever.
    """
    now = timezone.now()
    with transaction.atomic():
        claimed = _rows(label).select_for_update(of=("self",), skip_locked=True)
        fichier = claimed.to_examine(now).filter(pk=pk).first()
        if fichier is None:
            return None
        fichier.attempts = min(fichier.attempts + 1, ATTEMPTS_MAX)
        fichier.next_attempt_at = now + LEASE
        fichier.save(update_fields=["attempts", "next_attempt_at"])
    return fichier


def _scan(fichier: Fichier) -> bool:
    """Write the verdict of the antivirus; return whether the file is clean."""
    with fichier.file.open("rb") as content:
        signature = antivirus.find_virus(content)
    state = ScanState.REFUSE if signature else ScanState.SAIN
    with transaction.atomic():
        rows = _rows(fichier._meta.label).select_for_update(of=("self",))
        fresh = rows.filter(pk=fichier.pk, scan_state__in=SCAN_PENDING).first()
        if fresh is None:  # removed meanwhile, or another task had its verdict first
            return False
        fresh.scan_state, fresh.scanned_at = state, timezone.now()
        fresh.scan_signature = signature[:200]
        # What comes next counts its own attempts; the lease holds until it is done.
        fresh.attempts = 1
        fresh.save(update_fields=["scan_state", "scanned_at", "scan_signature", "attempts"])
        if fresh.is_refused:
            logger.warning("%s nº %s refusé : %s", fresh._meta.label, fresh.pk, signature)
            fresh.on_refused()
    fichier.scan_state, fichier.attempts = fresh.scan_state, fresh.attempts
    return not fresh.is_refused


def _draw(fichier: Fichier) -> None:
    """Draw the small image and keep it; a row that went meanwhile leaves nothing behind."""
    try:
        with fichier.file.open("rb") as content:
            image = draw_preview(content, fichier.content_type)
    except NoPreview as error:
        logger.info("%s nº %s sans aperçu : %s", fichier._meta.label, fichier.pk, error)
        _rows(fichier._meta.label).filter(pk=fichier.pk).update(
            preview_state=PreviewState.IMPOSSIBLE
        )
        return
    fichier.preview.save("apercu", ContentFile(image), save=False)
    kept = (
        _rows(fichier._meta.label)
        .filter(pk=fichier.pk, preview_state=PreviewState.A_FAIRE)
        .update(preview=fichier.preview.name, preview_state=PreviewState.FAIT)
    )
    if not kept:
        fichier.preview.storage.delete(fichier.preview.name)
