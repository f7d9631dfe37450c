"""The invented logo of the demo's first procédure, and the signature of its attestation."""

import io
import math

from PIL import Image, ImageDraw

_BLUE, _RED, _INK = (0, 0, 145), (225, 0, 15), (24, 36, 94)


def draw_logo() -> bytes:
    """Return a flag beside a road, as a PNG."""
    image = Image.new("RGBA", (720, 360), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 40, 360), _BLUE)
    draw.rectangle((40, 0, 80, 360), (255, 255, 255), outline=(221, 221, 221))
    draw.rectangle((80, 0, 120, 360), _RED)
    draw.polygon([(200, 340), (640, 340), (470, 40), (370, 40)], _BLUE)
    for top, bottom, half in ((60, 110, 5), (150, 215, 8), (255, 330, 12)):
        draw.rectangle((420 - half, top, 420 + half, bottom), (255, 255, 255))
    return _png(image)


def draw_signature() -> bytes:
    """Return a flourish of ink, as a PNG."""
    image = Image.new("RGBA", (760, 260), (0, 0, 0, 0))
    points = [
        (
            40 + 620 * step / 400 + 26 * math.sin(step / 9),
            130 + 74 * math.sin(step / 14) * math.cos(step / 61) - step / 12,
        )
        for step in range(400)
    ]
    draw = ImageDraw.Draw(image)
    draw.line(points, _INK, width=7, joint="curve")
    draw.line([(60, 225), (700, 190)], _INK, width=5)
    return _png(image)


def _png(image: Image.Image) -> bytes:
    output = io.BytesIO()
    image.save(output, "PNG")
    return output.getvalue()
