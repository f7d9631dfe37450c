"""Files attached to a dossier, each to one champ."""

import logging

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files import File
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from commun.fichiers import check_extension, clean_name, recognise, sha256_of
from commun.file_size import file_size
from dossiers import policies
from dossiers.analyse import examine_after_commit
from dossiers.auteurs import note_auteur
from dossiers.copie import locked_working_copy, save_working_copy
from dossiers.models import Dossier, PieceJointe
from dossiers.models.piece_jointe import PieceJointeQuerySet
from dossiers.retrait import retire_files
from procedures.champs import Champ

logger = logging.getLogger(__name__)


def attach(dossier_id: int, champ_id: str, upload: File, *, by) -> PieceJointe:
    """Attach `upload` to a champ and return the file; the same content twice is kept once.

    Raises ValidationError (what to do, in French), PermissionDenied, Dossier.DoesNotExist.
    """
    check_upload(upload)
    sha256 = sha256_of(upload)
    with transaction.atomic():
        dossier = locked_working_copy(dossier_id, by=by)
        champ = _champ_of(dossier, champ_id)
        if not policies.can_edit_champ(by, dossier, champ):
            raise PermissionDenied
        check_upload(upload, champ.size_max_bytes)
        content_type = recognise(upload, champ.extensions, wanted=champ.wanted)
        present = dossier.pieces_jointes.working().filter(champ_id=champ.id)
        twin = present.filter(sha256=sha256, size_bytes=upload.size).first()
        if twin is not None:
            _check_not_refused(twin)
            return twin
        _make_room(champ, present)
        piece_jointe = PieceJointe(
            dossier=dossier,
            champ_id=champ.id,
            name=clean_name(upload.name),
            content_type=content_type,
            size_bytes=upload.size,
            sha256=sha256,
            uploaded_by=by,
        )
        _store(piece_jointe, upload)
        examine_after_commit(piece_jointe)
        _note(dossier, champ.id, by)
    return piece_jointe


def attach_all(
    dossier_id: int, champ: Champ, uploads: list[UploadedFile], *, by
) -> list[tuple[str, str]]:
    """Attach several files to a champ; return the name of each refused one, and why.

    Raises PermissionDenied, Dossier.DoesNotExist.
    """
    refused = []
    for rank, upload in enumerate(uploads, start=1):
        try:
            if rank > champ.files_max:
                raise ValidationError(_too_many(champ), code="count")
            attach(dossier_id, champ.id, upload, by=by)
        except ValidationError as error:
            refused.append((upload.name, " ".join(error.messages)))
    return refused


def check_announced(champ: Champ, name: str, size_bytes: int) -> None:
    """Raise ValidationError when a file so named and so long would be refused once it is there."""
    check_size(size_bytes, champ.size_max_bytes)
    check_extension(name, champ.extensions, wanted=champ.wanted)


def check_upload(upload: File, size_max_bytes: int | None = None) -> None:
    """Raise ValidationError when the file is empty or too large."""
    check_size(upload.size, size_max_bytes)


def check_size(size_bytes: int, size_max_bytes: int | None = None) -> None:
    """Raise ValidationError when there is nothing, or too much."""
    if not size_bytes:
        raise ValidationError("Ce fichier est vide. Choisissez-en un autre.", code="empty")
    limit = settings.PIECE_JOINTE_MAX_BYTES if size_max_bytes is None else size_max_bytes
    if size_bytes > limit:
        raise ValidationError(
            f"Ce fichier est trop lourd ({file_size(size_bytes)}). "
            f"Envoyez un fichier de {file_size(limit)} au plus.",
            code="size",
        )


def remove(piece_jointe: PieceJointe, *, by) -> None:
    """Take a file out of what is being filled in; removing twice changes nothing.

    Raises PermissionDenied, Dossier.DoesNotExist.
    """
    with transaction.atomic():
        dossier = locked_working_copy(piece_jointe.dossier_id, by=by)
        found = list(dossier.pieces_jointes.working().filter(pk=piece_jointe.pk))
        champ = dossier.questionnaire.by_id.get(piece_jointe.champ_id)
        if champ is not None and not policies.can_edit_champ(by, dossier, champ):
            raise PermissionDenied
        if found:
            retire_files(found)
            _note(dossier, piece_jointe.champ_id, by)


def _note(dossier: Dossier, champ_id: str, by) -> None:
    note_auteur(dossier, champ_id, by=by)
    save_working_copy(dossier)


def _champ_of(dossier: Dossier, champ_id: str) -> Champ:
    champ = dossier.questionnaire.by_id.get(champ_id)
    if champ is None or not champ.holds_files:
        raise ValidationError(
            "Cette question n’existe plus dans le formulaire. Rechargez la page.", code="champ"
        )
    return champ


def _make_room(champ: Champ, present: PieceJointeQuerySet) -> None:
    """Refuse one file too many; where one alone is wanted, the new one takes its place."""
    if champ.files_max == 1:
        retire_files(present)
    elif present.not_refused().count() >= champ.files_max:
        raise ValidationError(_too_many(champ), code="count")


def _check_not_refused(piece_jointe: PieceJointe) -> None:
    if piece_jointe.is_refused:
        raise ValidationError(
            "L’antivirus a refusé ce fichier. Joignez-en une copie saine : un nouveau scan, ou le "
            "document enregistré de nouveau.",
            code="virus",
        )


def _too_many(champ: Champ) -> str:
    if champ.files_max == 1:
        return "Joignez un seul fichier à cette question."
    advice = ", ou réunissez-les dans une archive ZIP" if "zip" in champ.extensions else ""
    return f"Cette question accepte {champ.files_max} fichiers au plus. Retirez-en un{advice}."


def _store(piece_jointe: PieceJointe, upload: File) -> None:
    """Write the file, then its row; a refused row leaves no file behind.

    Raises ValidationError when the storage does not take it, a full disk for example.
    """
    try:
        piece_jointe.file.save(piece_jointe.name, upload, save=False)
    except OSError as error:
        logger.exception("Fichier non enregistré")
        raise ValidationError(
            "Le service n’a pas pu garder ce fichier. Renvoyez-le dans quelques minutes.",
            code="storage",
        ) from error
    try:
        piece_jointe.save()
    except BaseException:
        piece_jointe.file.storage.delete(piece_jointe.file.name)
        raise
