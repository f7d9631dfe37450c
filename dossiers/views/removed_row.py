"""A row that was just taken out of a bloc répétable, so that it can be put back."""

from dataclasses import dataclass

from dossiers.models import Dossier
from procedures.champs import Champ

PLACE_DIGITS_MAX = 3


@dataclass(frozen=True)
class RemovedRow:
    """A row that was just taken out, and where it stood."""

    bloc: Champ
    id: str
    place: int


def removed_row_of(request, dossier: Dossier) -> RemovedRow | None:
    """Return the row that the page before this one took out, as its address says."""
    bloc_id, _, rest = request.GET.get("retiree", "").partition(".")
    row_id, _, place = rest.partition(".")
    bloc = dossier.revision.formulaire.by_id.get(bloc_id)
    if bloc is None or not bloc.is_bloc or bloc.row_ids([row_id]) != [row_id]:
        return None
    return RemovedRow(bloc, row_id, read_place(place))


def read_place(text: str) -> int:
    """Return the place that `text` gives, 0 when it gives none."""
    return int(text) if text.isdecimal() and len(text) <= PLACE_DIGITS_MAX else 0
