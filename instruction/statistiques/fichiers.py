"""A figure as a file: a table for a spreadsheet, a picture for a report."""

import csv
import hashlib
import io

from django.core.cache import cache
from django.template.loader import render_to_string
from PIL import Image, ImageChops

from commun.pdf import html_to_pdf, pdf_to_images
from instruction.statistiques.dessin import draw
from instruction.statistiques.figures import Figure, Masque, Valeur
from instruction.statistiques.perimetre import Perimetre

_BOM = "\ufeff"
# A spreadsheet would take a text that begins so for a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_PNG_KEPT_SECONDS = 24 * 3600
_PNG_MARGIN = 30


def figure_to_csv(figure: Figure) -> bytes:
    """Return the table of a figure, for French spreadsheets: UTF-8 with its mark, semicolons."""
    output = io.StringIO()
    writer = csv.writer(output, delimiter=";", lineterminator="\r\n")
    heads = [
        f"{serie.label} ({serie.unite.value})" if serie.unite.value else serie.label
        for serie in figure.series
    ]
    writer.writerow([figure.first_column, *heads])
    for ligne in figure.lignes:
        writer.writerow([_harmless(ligne.label), *map(_cell, ligne.values)])
    return (_BOM + output.getvalue()).encode()


def figure_to_png(figure: Figure, perimetre: Perimetre) -> bytes:
    """Return the drawing of a figure that has something to draw, with its title and period."""
    context = {
        "figure": figure,
        "image": draw(figure),
        "procedure": perimetre.procedure,
        "periode": perimetre.periode,
    }
    html = render_to_string("instruction/pdf/statistique.html", context)
    key = f"statistiques:png:{hashlib.sha256(html.encode()).hexdigest()}"
    content = cache.get(key)
    if content is None:
        images, _count = pdf_to_images(html_to_pdf(html), pages_max=1)
        content = _cropped(images[0])
        cache.set(key, content, _PNG_KEPT_SECONDS)
    return content


def _cropped(content: bytes) -> bytes:
    """Cut the paper that is left blank under the drawing."""
    output = io.BytesIO()
    with Image.open(io.BytesIO(content)) as page:
        paper = Image.new(page.mode, page.size, "white")
        _left, _top, _right, bottom = ImageChops.difference(page, paper).getbbox()
        height = min(bottom + _PNG_MARGIN, page.height)
        page.crop((0, 0, page.width, height)).save(output, "PNG", optimize=True)
    return output.getvalue()


def _cell(value: Valeur) -> str | int:
    if value is None:
        return ""
    if isinstance(value, Masque):
        return value.value
    return value if isinstance(value, int) else str(round(value, 3)).replace(".", ",")


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
