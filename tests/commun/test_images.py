"""Images to be printed: hostile until drawn again."""

import io

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, PngImagePlugin

from commun.images import MAX_BYTES, MAX_SIDE, draw_again


def image(kind="PNG", size=(40, 20), mode="RGB", **options) -> bytes:
    output = io.BytesIO()
    Image.new(mode, size, "red").save(output, kind, **options)
    return output.getvalue()


def code_of(name: str, content: bytes) -> str:
    with pytest.raises(ValidationError) as raised:
        draw_again(SimpleUploadedFile(name, content))
    return raised.value.code


@pytest.mark.parametrize(
    ("name", "kind", "mode"),
    [
        ("logo.png", "PNG", "RGBA"),
        ("logo.png", "PNG", "L"),
        ("logo.png", "PNG", "P"),
        ("logo.jpg", "JPEG", "RGB"),
        ("logo.jpeg", "JPEG", "CMYK"),
    ],
)
def test_an_image_comes_back_in_its_format(name, kind, mode):
    drawn = Image.open(io.BytesIO(draw_again(SimpleUploadedFile(name, image(kind, mode=mode)))))

    assert (drawn.format, drawn.size) == (kind, (40, 20))


def test_a_large_image_is_reduced():
    drawn = draw_again(SimpleUploadedFile("logo.png", image(size=(4000, 1000))))

    assert Image.open(io.BytesIO(drawn)).size == (MAX_SIDE, MAX_SIDE // 4)


def test_nothing_but_pixels_is_kept():
    secret = PngImagePlugin.PngInfo()
    secret.add_text("Comment", "position secrète")
    png = image(pnginfo=secret) + b"<script>alert(1)</script>"
    exif = Image.Exif()
    exif[0x010E] = "secret"
    jpeg = image("JPEG", comment=b"secret", exif=exif)

    for name, content in (("a.png", png), ("a.jpg", jpeg)):
        drawn = draw_again(SimpleUploadedFile(name, content))
        assert b"secr" not in drawn
        assert b"script" not in drawn
        assert b"Exif" not in drawn


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("logo.gif", image("GIF"), "extension"),
        ("logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "extension"),
        ("logo.png", image("JPEG"), "content"),
        ("logo.png", image("GIF"), "content"),
        ("logo.png", b"<svg/>", "content"),
        ("logo.png", image()[:16] + b"x" * 60, "image"),
        ("logo.jpg", image("JPEG")[:20] + b"x" * 60, "image"),
        ("logo.png", b"", "empty"),
        ("logo.png", image(size=(5000, 5000), mode="1"), "image"),
        ("logo.png", image() + b"0" * MAX_BYTES, "size"),
    ],
)
def test_anything_else_is_refused(name, content, code):
    assert code_of(name, content) == code
