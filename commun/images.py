"""Images that people send: hostile until drawn again by us."""

import io

from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.uploadedfile import UploadedFile
from PIL import Image, ImageOps

from commun.fichiers import recognise

EXTENSIONS = ("png", "jpg", "jpeg")
MAX_BYTES = 1024 * 1024
# Beyond, a file of some kilobytes could fill the memory once unfolded.
MAX_PIXELS = 20_000_000
MAX_SIDE = 1200
# What a preview is drawn of, by type; anything else is never given to a decoder.
PREVIEWED_TYPES = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/gif": "GIF",
    "image/webp": "WEBP",
    "image/tiff": "TIFF",
}
# The photographs of a good phone; a JPEG is unfolded at a fraction of its size.
PREVIEW_MAX_PIXELS = 60_000_000
PREVIEW_SIDE = 480
PREVIEW_TYPE = "image/webp"


class NoPreview(Exception):
    """No small image can be drawn of this file."""


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


def draw_preview(file: File, content_type: str) -> bytes:
    """Return a small WebP of an image, upright, with nothing of it but its pixels.

    Only the decoder of its own type is tried, on its first picture. Raises NoPreview.
    """
    output = io.BytesIO()
    try:
        with Image.open(file, formats=[PREVIEWED_TYPES[content_type]]) as image:
            if image.width * image.height > PREVIEW_MAX_PIXELS:
                raise NoPreview("too many pixels")
            image.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
            drawn = ImageOps.exif_transpose(image).convert("RGBA")
    except Exception as error:  # hostile content leads the decoders to errors of every kind
        raise NoPreview(str(error)) from error
    pixels = Image.new("RGBA", drawn.size)
    pixels.paste(drawn)
    pixels.save(output, "WEBP", quality=80)
    return output.getvalue()


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
