"""Images that people send to be printed in a document: hostile until drawn again by us."""

import io

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from PIL import Image, ImageOps

from commun.fichiers import recognise

EXTENSIONS = ("png", "jpg", "jpeg")
MAX_BYTES = 1024 * 1024
# Beyond, a file of some kilobytes could fill the memory once unfolded.
MAX_PIXELS = 20_000_000
MAX_SIDE = 1200


def draw_again(upload: UploadedFile, *, max_bytes: int = MAX_BYTES) -> bytes:
    """Return the image as a new PNG or JPEG, without anything but its pixels, 1200 px at most.

    Raises ValidationError saying what to do.
    """
    if upload.size > max_bytes:
        most = max_bytes // MAX_BYTES
        raise ValidationError(f"Cette image est trop lourde : {most} Mo au plus.", code="size")
    try:
        content_type = recognise(upload, EXTENSIONS)
    except ValidationError as error:
        if error.code != "extension":
            raise
        raise ValidationError("Choisissez une image PNG ou JPEG.", code="extension") from None
    try:
        return _draw(upload, content_type)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValidationError(
            "Cette image est abîmée ou trop grande. Enregistrez-la de nouveau en PNG ou en JPEG, "
            "de 4 000 pixels de côté au plus.",
            code="image",
        ) from error


def _draw(upload: UploadedFile, content_type: str) -> bytes:
    output = io.BytesIO()
    is_png = content_type == "image/png"
    upload.seek(0)
    with Image.open(upload, formats=["PNG", "JPEG"]) as image:
        if image.width * image.height > MAX_PIXELS:
            raise ValueError("too many pixels")
        image.load()
        upright = ImageOps.exif_transpose(image)
    drawn = upright.convert("RGBA" if is_png else "RGB")
    drawn.thumbnail((MAX_SIDE, MAX_SIDE))
    pixels = Image.new(drawn.mode, drawn.size)
    pixels.paste(drawn)
    pixels.save(output, "PNG" if is_png else "JPEG", **({} if is_png else {"quality": 90}))
    return output.getvalue()
