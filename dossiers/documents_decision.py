"""The document of a decision: kept with it, taken back with it."""

import logging

from django.core.exceptions import ValidationError
from django.utils import timezone

from dossiers.analyse import examine_after_commit
from dossiers.models import DecisionFile, Dossier

logger = logging.getLogger(__name__)


def attach(dossier: Dossier, file, *, by) -> DecisionFile:
    """Keep a checked file (`messagerie.CheckedFile`) with the decision of a locked dossier.

    Raises ValidationError when the storage does not take it, a full disk for example.
    """
    row = DecisionFile(
        dossier=dossier,
        name=file.name,
        content_type=file.content_type,
        size_bytes=file.upload.size,
        sha256=file.sha256,
        uploaded_by=by,
    )
    try:
        row.file.save(file.name, file.upload, save=False)
        row.save()
    except BaseException as error:
        if row.file:
            row.file.storage.delete(row.file.name)
        if not isinstance(error, OSError):
            raise
        logger.exception("Document de décision non enregistré")
        raise ValidationError(
            "Le service n’a pas pu garder le document. Renvoyez-le dans quelques minutes."
        ) from error
    examine_after_commit(row)
    return row


def files_for_archive(dossier: Dossier, *, with_withdrawn: bool) -> list[tuple[str, DecisionFile]]:
    """Return the documents of its decisions, each with the name of its folder in the ZIP.

    `with_withdrawn`: those of decisions that were taken back too, for the service alone.
    """
    if dossier.is_brouillon:
        return []
    if not with_withdrawn:
        return [("Décision", file) for file in dossier.decision_files]
    files = dossier.documents_decision.order_by("pk")
    return [("Décision retirée" if it.withdrawn_at else "Décision", it) for it in files]


def withdraw(dossier: Dossier) -> None:
    """Take back the documents of a decision that is; the service keeps them with the history."""
    dossier.documents_decision.filter(withdrawn_at=None).update(withdrawn_at=timezone.now())
