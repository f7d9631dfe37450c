"""Files that arrive piece by piece and survive a cut: announced, received, made a pièce jointe.

The pieces go through Django's storage, so that any web process takes the next one; what is
refused is refused as soon as it is announced, and everything is checked again once it is whole.
"""

import logging
import tempfile
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from commun.fichiers import NAME_MAX, clean_name
from commun.file_size import file_size
from dossiers import pieces_jointes, policies
from dossiers.models import Dossier, PieceJointe, Televersement
from procedures.champs import Champ

logger = logging.getLogger(__name__)
# A file of 64 bits of milliseconds is none of this world.
MODIFIED_MAX = 2**53
ERASED_MAX = 200


class WrongOffset(Exception):
    """The piece is not the next one; `offset` is where to go on."""

    def __init__(self, offset: int):
        super().__init__(offset)
        self.offset = offset


class WrongLength(Exception):
    """The piece is not as long as it should be: it was cut on its way."""


class NotWhole(Exception):
    """Pieces are missing; `offset` is where to go on."""

    def __init__(self, offset: int):
        super().__init__(offset)
        self.offset = offset


def announce(
    dossier: Dossier, champ: Champ, name: str, size_bytes: int, *, by, modified_ms: int = 0
) -> Televersement:
    """Return the upload of a file so announced: a new one, or the same one begun before.

    Raises ValidationError (what to do, in French), PermissionDenied.
    """
    if not policies.can_edit_champ(by, dossier, champ):
        raise PermissionDenied
    pieces_jointes.check_announced(champ, name, size_bytes)
    modified_ms = modified_ms if 0 <= modified_ms < MODIFIED_MAX else 0
    values = {
        "dossier_id": dossier.pk,
        "champ_id": champ.id,
        "by_id": by.pk,
        "name": clean_name(name)[:NAME_MAX],
        "size_bytes": size_bytes,
        "modified_ms": modified_ms,
    }
    with transaction.atomic():
        # One at a time for each person, or their limit would be no limit.
        get_user_model().objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)
        begun = Televersement.objects.open().filter(**values).order_by("created_at").first()
        if begun is not None and modified_ms:
            return begun
        _check_room(by, size_bytes)
        return Televersement.objects.create(
            **values, chunk_bytes=settings.TELEVERSEMENT_CHUNK_BYTES
        )


def receive(pk: UUID, offset: int, content: bytes) -> Televersement:
    """Keep the piece that begins at `offset`; whole, or not at all.

    Raises WrongOffset, WrongLength, Televersement.DoesNotExist, OSError.
    """
    with transaction.atomic():
        televersement = Televersement.objects.select_for_update(of=("self",)).get(pk=pk)
        if televersement.finished_at or offset != televersement.received_bytes:
            raise WrongOffset(televersement.received_bytes)
        if not content or len(content) != televersement.next_length:
            raise WrongLength
        name = televersement.chunk_name(offset)
        default_storage.delete(name)  # what a crash may have left there
        default_storage.save(name, ContentFile(content))
        televersement.received_bytes += len(content)
        televersement.updated_at = timezone.now()
        televersement.save(update_fields=["received_bytes", "updated_at"])
    return televersement


def finish(televersement: Televersement, *, by) -> PieceJointe | None:
    """Make a whole upload a pièce jointe, through the same checks as any file.

    Asked again because the answer was lost, it changes nothing and returns None. A refused file
    is erased. Raises NotWhole, ValidationError, PermissionDenied, Dossier.DoesNotExist, OSError.
    """
    if televersement.finished_at:
        return None
    if not televersement.is_complete:
        raise NotWhole(televersement.received_bytes)
    try:
        with tempfile.TemporaryFile() as whole:
            _assemble(televersement, whole)
            upload = File(whole, name=televersement.name)
            piece_jointe = pieces_jointes.attach(
                televersement.dossier_id, televersement.champ_id, upload, by=by
            )
    except FileNotFoundError:
        # Another request finished it first and erased the pieces.
        televersement.refresh_from_db()
        if televersement.finished_at:
            return None
        raise
    except ValidationError as error:
        if error.code != "storage":
            erase(televersement)
        raise
    _close(televersement)
    return piece_jointe


def erase(televersement: Televersement) -> None:
    """Forget an upload, whatever has come of it."""
    with transaction.atomic():
        rows = Televersement.objects.select_for_update(of=("self",))
        fresh = rows.filter(pk=televersement.pk).first()
        if fresh is None:
            return
        _delete_chunks_after_commit(fresh)
        fresh.delete()


def erase_abandoned() -> int:
    """Erase the uploads that nobody went on with, a few at a time; return how many."""
    limit = timezone.now() - timedelta(hours=settings.TELEVERSEMENT_KEPT_HOURS)
    abandoned = list(Televersement.objects.abandoned(limit).order_by("updated_at")[:ERASED_MAX])
    for televersement in abandoned:
        erase(televersement)
    return len(abandoned)


def _check_room(by, size_bytes: int) -> None:
    """Refuse more than one person may have on its way at once."""
    limit = timezone.now() - timedelta(hours=settings.TELEVERSEMENT_KEPT_HOURS)
    mine = Televersement.objects.open().filter(by=by, updated_at__gte=limit)
    on_its_way = mine.aggregate(total=Sum("size_bytes"))["total"] or 0
    is_too_many = mine.count() >= settings.TELEVERSEMENT_MAX_COUNT
    if is_too_many or on_its_way + size_bytes > settings.TELEVERSEMENT_MAX_BYTES:
        raise ValidationError(
            "Vous avez trop d’envois en cours : "
            f"{file_size(settings.TELEVERSEMENT_MAX_BYTES)} au plus à la fois. Attendez la fin "
            "des autres, ou annulez-les, puis recommencez.",
            code="quota",
        )


def _assemble(televersement: Televersement, whole) -> None:
    for name in televersement.chunk_names:
        with default_storage.open(name, "rb") as piece:
            for part in piece.chunks():
                whole.write(part)
    whole.seek(0)


def _close(televersement: Televersement) -> None:
    """Note that it is a pièce jointe now, and erase its pieces."""
    with transaction.atomic():
        now = timezone.now()
        rows = Televersement.objects.open().filter(pk=televersement.pk)
        if rows.update(finished_at=now, updated_at=now):
            _delete_chunks_after_commit(televersement)


def _delete_chunks_after_commit(televersement: Televersement) -> None:
    """Erase the pieces, and the one that a crash may have left after them."""
    names = [*televersement.chunk_names, televersement.chunk_name(televersement.received_bytes)]
    transaction.on_commit(lambda: _delete_all(names))


def _delete_all(names: list[str]) -> None:
    for name in names:
        try:
            default_storage.delete(name)
        except OSError:
            logger.exception("Morceau %s non effacé", name)
