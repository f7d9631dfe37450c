"""The order of the champs of a form, in which a bloc répétable has an end.

An order is a list of marks: the id of each champ, and after the champs of each bloc its end,
`fin-<id of the bloc>`. Every move is a move in that list; which champs stand in which bloc is
read from it.
"""

from collections.abc import Sequence

from procedures.champs import Champ

END_PREFIX = "fin-"


def marks_of(champs: Sequence[Champ]) -> list[str]:
    """Return the order of `champs`, with the end of each bloc."""
    marks, open_bloc = [], None
    for champ in champs:
        if open_bloc is not None and champ.bloc != open_bloc:
            marks.append(f"{END_PREFIX}{open_bloc}")
            open_bloc = None
        marks.append(champ.id)
        if champ.is_bloc:
            open_bloc = champ.id
    if open_bloc is not None:
        marks.append(f"{END_PREFIX}{open_bloc}")
    return marks


def champs_in_order(champs: Sequence[Champ], marks: Sequence[str]) -> list[Champ]:
    """Return `champs` in the order of `marks`, each told the bloc it now stands in.

    What cannot be repeated, titles and blocs, goes right after the bloc it was put into.
    """
    by_id = {champ.id: champ for champ in champs}
    ordered: list[Champ] = []
    put_out: list[Champ] = []
    bloc = None
    for mark in marks:
        if mark.startswith(END_PREFIX):
            # Only the end of the open bloc closes it: those of blocs put out say nothing.
            if mark == f"{END_PREFIX}{bloc}":
                ordered.extend(_in_bloc(champ, None) for champ in put_out)
                bloc, put_out = None, []
            continue
        champ = by_id[mark]
        if bloc is not None and (champ.is_bloc or champ.is_section):
            put_out.append(champ)
            continue
        ordered.append(_in_bloc(champ, bloc))
        if champ.is_bloc:
            bloc = champ.id
    return ordered


def span_of(champs: Sequence[Champ], champ: Champ) -> list[str]:
    """Return the marks that move together with `champ`: a bloc takes its champs and its end."""
    if not champ.is_bloc:
        return [champ.id]
    inside = [other.id for other in champs if other.bloc == champ.id]
    return [champ.id, *inside, f"{END_PREFIX}{champ.id}"]


def _in_bloc(champ: Champ, bloc: str | None) -> Champ:
    return champ if champ.bloc == bloc else champ.model_copy(update={"bloc": bloc})
