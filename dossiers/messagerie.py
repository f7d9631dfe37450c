"""The messagerie of a dossier: writing, reading, what is not read yet."""

import logging
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from commun.fichiers import clean_name, recognise, sha256_of
from dossiers import policies
from dossiers.analyse import examine_after_commit
from dossiers.annonces import announce_message
from dossiers.attente_usager import refresh_awaited
from dossiers.enums import MESSAGE_FILES_MAX, MESSAGE_MAX, HistoryAction, MessageSide
from dossiers.historique import record
from dossiers.locks import locked_dossier
from dossiers.models import Dossier, FilMessagerie, LectureMessagerie, Message, MessageFile
from dossiers.pieces_jointes import check_upload
from dossiers.textes_internes import add_message_text

logger = logging.getLogger(__name__)

NOTHING_WRITTEN = "Écrivez votre message, ou joignez un fichier."


@dataclass(frozen=True)
class CheckedFile:
    """An upload whose content is what its name says."""

    upload: UploadedFile
    name: str
    content_type: str
    sha256: str


def post(
    dossier_id: int,
    *,
    by,
    side: MessageSide,
    body: str,
    token: uuid.UUID,
    uploads: Iterable[UploadedFile] = (),
    asks_answer: bool = False,
) -> Message:
    """Add a message to the thread, with its emails, and return it.

    The same message sent again with the same `token` is there once; another text under a token
    already used, as after going back in the browser, is another message. With
    `asks_answer`, the service waits for the usager until they write. Raises PermissionDenied,
    Dossier.DoesNotExist, ValidationError (what to do, in French).
    """
    body = tidy(body)
    checked = check_files(uploads)
    if not body and not checked:
        raise ValidationError(NOTHING_WRITTEN, code="empty")
    with transaction.atomic():
        dossier = locked_for_message(dossier_id)
        _check_may_write(by, side, dossier)
        sent = dossier.messages.filter(author=by, token=token).first()
        if sent is not None:
            if _is_same(sent, body, checked):
                return sent
            token = uuid.uuid4()
        message = write(
            dossier,
            by=by,
            side=side,
            body=body,
            token=token,
            files=checked,
            asks_answer=asks_answer,
        )
        announce_message(dossier, message, [file.name for file in checked])
    return message


def _check_may_write(by, side: MessageSide, dossier: Dossier) -> None:
    """Raise PermissionDenied where `by` may not write on that side of the thread."""
    if side not in policies.message_sides(by, dossier):
        raise PermissionDenied
    if side == MessageSide.SERVICE and dossier.is_brouillon and not has_thread(dossier):
        raise PermissionDenied  # the usager speaks first: until then the brouillon is theirs


def locked_for_message(dossier_id: int) -> Dossier:
    """Return the locked dossier with all that a message and its emails ask of it."""
    return locked_dossier(dossier_id, "usager", "etablissement", "procedure__organisme", "revision")


def write(
    dossier: Dossier,
    *,
    by,
    side: MessageSide,
    body: str,
    token: uuid.UUID,
    files: Iterable[CheckedFile] = (),
    asks_answer: bool = False,
) -> Message:
    """Add a message to the thread of a locked dossier and note where the thread stands.

    The caller checked everything and sends the emails.
    """
    message = Message.objects.create(
        dossier=dossier, author=by, author_name=str(by), side=side, body=body, token=token
    )
    checked = list(files)
    _store_all(message, checked)
    fil = FilMessagerie.objects.filter(dossier=dossier).first() or FilMessagerie(
        dossier=dossier,
        procedure_id=dossier.procedure_id,
        is_test=dossier.is_test,
        is_before_deposit=dossier.is_brouillon,
    )
    fil.last_message = message
    if side == MessageSide.SERVICE:
        fil.waiting_from = fil.waiting_to = None
        if asks_answer:
            fil.answer_asked_at = fil.answer_asked_at or message.created_at
    else:
        fil.answer_asked_at = None
        fil.waiting_from, fil.waiting_to = fil.waiting_from or message.pk, message.pk
    fil.save()
    refresh_awaited(dossier)
    add_message_text(dossier, message.author_name, body, *(file.name for file in checked))
    return message


def stop_waiting(dossier_id: int, *, by) -> bool:
    """Wait no longer for the answer that a message asked for; tell whether one was waited for.

    Raises PermissionDenied, Dossier.DoesNotExist.
    """
    with transaction.atomic():
        dossier = locked_for_message(dossier_id)
        if not policies.can_decide(by, dossier):
            raise PermissionDenied
        fils = FilMessagerie.objects.filter(dossier=dossier, answer_asked_at__isnull=False)
        was_waiting = bool(fils.update(answer_asked_at=None))
        if was_waiting:
            refresh_awaited(dossier)
            record(HistoryAction.STOP_WAITING, dossier, by=by)
    return was_waiting


def tidy(body: str) -> str:
    """Return a text as it is kept. Raises ValidationError when it is too long."""
    body = body.replace("\r\n", "\n").replace("\x00", "").strip()
    if len(body) > MESSAGE_MAX:
        raise ValidationError(
            f"Votre message compte {len(body)} caractères : raccourcissez-le à {MESSAGE_MAX} au "
            "plus, ou joignez-le dans un document.",
            code="length",
        )
    return body


def check_files(uploads: Iterable[UploadedFile]) -> list[CheckedFile]:
    """Return the files to send with a message. Raises ValidationError, one line for each fault."""
    uploads, faults, checked = list(uploads), [], []
    if len(uploads) > MESSAGE_FILES_MAX:
        raise ValidationError(f"Joignez {MESSAGE_FILES_MAX} fichiers au plus.", code="file")
    for upload in uploads:
        name = clean_name(upload.name or "")
        try:
            check_upload(upload)
            content_type = recognise(upload)
        except ValidationError as error:
            reason = f"« {name} » : {' '.join(error.messages)}"
            faults.append(ValidationError(reason, code="file"))
            continue
        checked.append(CheckedFile(upload, name, content_type, sha256_of(upload)))
    if faults:
        raise ValidationError(faults)
    return checked


def has_thread(dossier: Dossier) -> bool:
    """Tell whether anything was ever written in it."""
    return FilMessagerie.objects.filter(dossier=dossier).exists()


def mark_read(dossier: Dossier, message_id: int | None, *, by) -> None:
    """Note that `by` has read the thread up to a message; what was read stays read."""
    if message_id is None:
        return
    lecture, is_new = LectureMessagerie.objects.get_or_create(
        user=by, dossier=dossier, defaults={"last_message_id": message_id}
    )
    if not is_new and lecture.last_message_id < message_id:
        LectureMessagerie.objects.filter(pk=lecture.pk, last_message_id__lt=message_id).update(
            last_message_id=message_id, read_at=timezone.now()
        )


def unread_count(dossier: Dossier, *, by, side: MessageSide) -> int:
    """Return how many messages of the thread `by`, on that side, has not read."""
    rows: QuerySet[Dossier] = Dossier.with_tests.filter(pk=dossier.pk)
    rows = rows.with_unread_by_service(by) if side == MessageSide.SERVICE else rows.with_unread(by)
    return rows.values_list("unread_count", flat=True).first() or 0


def _is_same(sent: Message, body: str, files: list[CheckedFile]) -> bool:
    kept = sorted(sent.files.values_list("sha256", flat=True))
    return sent.body == body and kept == sorted(file.sha256 for file in files)


def _store_all(message: Message, files: Iterable[CheckedFile]) -> None:
    """Write the files, then their rows; what fails here leaves no file behind.

    Raises ValidationError when the storage does not take them, a full disk for example.
    """
    stored: list[MessageFile] = []
    try:
        for file in files:
            row = MessageFile(
                message=message,
                name=file.name,
                content_type=file.content_type,
                size_bytes=file.upload.size,
                sha256=file.sha256,
                uploaded_by=message.author,
            )
            row.file.save(file.name, file.upload, save=False)
            stored.append(row)
            row.save()
            examine_after_commit(row)
    except BaseException as error:
        for row in stored:
            row.file.storage.delete(row.file.name)
        if not isinstance(error, OSError):
            raise
        logger.exception("Fichiers d’un message non enregistrés")
        raise ValidationError(
            "Le service n’a pas pu garder vos fichiers. Renvoyez-les dans quelques minutes.",
            code="file",
        ) from error
