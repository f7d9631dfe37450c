"""The files within a document someone sent: hostile until recognised."""

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile

from commun.fichiers import clean_name, recognise
from commun.images import draw_again
from procedures.attestations import IMAGES
from procedures.echange.document import Echange
from procedures.enums import FORMULAIRE_VIERGE_EXTENSIONS, FORMULAIRE_VIERGE_MAX_BYTES

# An image drawn by us may be heavier than the one that was sent.
IMAGE_MAX_BYTES = 8 * 1024 * 1024
_PNG = b"\x89PNG"


def check_files(echange: Echange) -> dict[int, list[str]]:
    """Return what is wrong with each blank form, by its number, and set the types of the others.

    They are checked as if they had just been sent: hostile until recognised.
    """
    problems = {}
    for key, vierge in echange.formulaires_vierges.items():
        file = ContentFile(vierge.content, clean_name(vierge.name))
        try:
            if file.size > FORMULAIRE_VIERGE_MAX_BYTES:
                raise ValidationError("Ce fichier est trop lourd : 20 Mo au plus.")
            vierge.content_type = recognise(file, FORMULAIRE_VIERGE_EXTENSIONS)
        except ValidationError as error:
            problems[key] = error.messages
    return problems


def check_images(echange: Echange) -> dict[tuple[str, ...], list[str]]:
    """Return what is wrong with each image, by its place, and draw the others again."""
    places = [(("logo",), echange, "logo")]
    if echange.attestation is not None:
        places += [(("attestation", name), echange.attestation, name) for name in IMAGES]
    problems = {}
    for place, holder, name in places:
        content = getattr(holder, name)
        if not content:
            continue
        extension = "png" if content.startswith(_PNG) else "jpg"
        try:
            upload = ContentFile(content, f"image.{extension}")
            setattr(holder, name, draw_again(upload, max_bytes=IMAGE_MAX_BYTES))
        except ValidationError as error:
            problems[place] = error.messages
    return problems
