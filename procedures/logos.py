"""The logo of a procédure: shown on its public page, in its emails and its récapitulatifs."""

import base64
import logging

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction

from courriels.rendering import Logo
from procedures.models import Procedure

logger = logging.getLogger(__name__)
_PNG_MAGIC = b"\x89PNG"


def set_logo(procedure: Procedure, content: bytes) -> None:
    """Show this image, which `commun.images` drew, in place of the former one."""
    _replace(procedure, ContentFile(content, "logo"))


def remove_logo(procedure: Procedure) -> None:
    """Show no image any more; removing twice changes nothing."""
    _replace(procedure, None)


def copy_logo(procedure: Procedure, copy: Procedure) -> None:
    """Give `copy` the same image, in a file of its own; none when it is lost."""
    content = content_of(procedure)
    if content:
        set_logo(copy, content)


def content_of(procedure: Procedure) -> bytes:
    """Return the image, nothing without one or when its file is lost."""
    if not procedure.logo:
        return b""
    try:
        with procedure.logo.storage.open(procedure.logo.name, "rb") as file:
            return file.read()
    except FileNotFoundError:
        logger.exception("Procédure %s : logo introuvable", procedure.pk)
        return b""


def type_of(content: bytes) -> str:
    """Return the media type of an image drawn by `commun.images`."""
    return "image/png" if content.startswith(_PNG_MAGIC) else "image/jpeg"


def data_uri(procedure: Procedure) -> str:
    """Return the image as a `data:` address, for a PDF; an empty string without one."""
    content = content_of(procedure)
    if not content:
        return ""
    return f"data:{type_of(content)};base64,{base64.b64encode(content).decode()}"


def logo_of_courriels(procedure: Procedure) -> Logo | None:
    """Return what its emails show: nothing before publication, when nobody may fetch it."""
    if not procedure.logo or not procedure.was_published:
        return None
    return Logo(f"{settings.SITE_URL}{procedure.logo_path}", procedure.organisme.name)


def _replace(procedure: Procedure, content: ContentFile | None) -> None:
    """Keep the new file with its row, and delete the one that nothing names any more."""
    storage, stored = procedure.logo.storage, ""
    try:
        with transaction.atomic():
            locked = Procedure.objects.select_for_update(of=("self",)).get(pk=procedure.pk)
            former = locked.logo.name
            if content is None:
                locked.logo = ""
            else:
                locked.logo.save("logo", content, save=False)
                stored = locked.logo.name
            locked.save(update_fields=["logo"])
            if former:
                transaction.on_commit(lambda: storage.delete(former))
    except BaseException:
        if stored:
            storage.delete(stored)
        raise
    procedure.logo = locked.logo.name
