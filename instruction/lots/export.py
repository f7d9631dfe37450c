"""Tables of a batch as CSV: `;`, a BOM for spreadsheets, and nothing that they would run."""

import csv
from collections.abc import Iterable, Iterator

from django.http import StreamingHttpResponse

from dossiers.models import DossierQuerySet
from instruction.listing import Listing
from instruction.lots.models import Lot

_RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r")
_CHUNK = 500


class _Echo:
    """A file whose lines are given as they are written."""

    def write(self, line: str) -> str:
        return line


def csv_response(rows: Iterable[list], filename: str) -> StreamingHttpResponse:
    """Stream rows, in constant memory."""
    writer = csv.writer(_Echo(), delimiter=";")
    lines = (writer.writerow([_safe(value) for value in row]) for row in rows)
    response = StreamingHttpResponse(_with_bom(lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    response["Cache-Control"] = "no-store"
    return response


def dossier_rows(listing: Listing, dossiers: DossierQuerySet) -> Iterator[list]:
    """Yield the heading of a list, then the columns that it shows of each dossier."""
    yield [column.label for column in listing.columns]
    for dossier in listing.rows(dossiers).iterator(chunk_size=_CHUNK):
        cells = listing.cells(dossier)
        yield [dossier.pk, dossier.demandeur_name, *(cell.text for cell in cells)]


def report_rows(lot: Lot) -> Iterator[list]:
    """Yield the heading, then what became of each dossier of a batch."""
    yield ["Dossier", "Résultat", "Raison"]
    for ligne in lot.lignes.iterator(chunk_size=_CHUNK):
        yield [ligne.dossier_id, ligne.get_state_display(), ligne.reason]


def _with_bom(lines: Iterable[str]) -> Iterator[str]:
    yield "\ufeff"
    yield from lines


def _safe(value) -> str:
    text = str(value)
    return f"'{text}" if text.startswith(_RUN_BY_SPREADSHEETS) else text
