"""Champs moved, into blocs and out of them too."""

from procedures.builder.edition import Edited, Editing, editing_of, find
from procedures.builder.errors import ChampNotFound
from procedures.champs import Champ
from procedures.models import Procedure
from procedures.ordre import champs_in_order, marks_of, span_of
from procedures.part import CHAMPS, Part


def move_champ(
    procedure: Procedure,
    champ_id: str,
    *,
    to_index: int | None = None,
    before: str | None = None,
    after: str | None = None,
    part: Part = CHAMPS,
) -> Edited:
    """Move a champ to a place of the order, counted without it, or beside another champ.

    `after` may also name the end of a bloc (`procedures.ordre`). A bloc moves with its champs; a
    place out of the form is its nearest end. Raises ChampNotFound for either champ.
    """
    with editing_of(procedure, part) as editing:
        _, champ = find(editing.formulaire, champ_id)
        marks, span = _taken_out(editing, champ)
        neighbour = before or after
        if neighbour in span:
            return editing.edited(champ_id)
        if neighbour is not None:
            if neighbour not in marks:
                raise ChampNotFound("Ce champ n’existe plus dans le formulaire.")
            to_index = marks.index(neighbour) + (after is not None)
        _put(editing, marks, span, to_index or 0)
    return editing.edited(champ_id)


def step_champ(procedure: Procedure, champ_id: str, *, by: int, part: Part = CHAMPS) -> Edited:
    """Move a champ by some places, up when negative, into and out of blocs on its way.

    What cannot stand in a bloc passes over it. Raises ChampNotFound.
    """
    with editing_of(procedure, part) as editing:
        _, champ = find(editing.formulaire, champ_id)
        place = marks_of(editing.champs).index(champ_id)
        marks, span = _taken_out(editing, champ)
        index = max(0, min(place + by, len(marks)))
        if champ.is_bloc or champ.is_section:
            while 0 < index < len(marks) and _is_inside(editing, marks, index):
                index += 1 if by > 0 else -1
        _put(editing, marks, span, index)
    return editing.edited(champ_id)


def _taken_out(editing: Editing, champ: Champ) -> tuple[list[str], list[str]]:
    """Return the order without a champ, and the marks that move with it."""
    span = span_of(editing.champs, champ)
    return [mark for mark in marks_of(editing.champs) if mark not in span], span


def _is_inside(editing: Editing, marks: list[str], index: int) -> bool:
    """Tell whether what is put at `index` of the order would stand in a bloc."""
    before = marks[index - 1]
    champ = editing.formulaire.by_id.get(before)
    return champ is not None and (champ.is_bloc or champ.bloc is not None)


def _put(editing: Editing, marks: list[str], span: list[str], index: int) -> None:
    """Put `span` into the order at `index`; out of bounds is the nearest end."""
    place = max(0, min(index, len(marks)))
    ordered = [*marks[:place], *span, *marks[place:]]
    editing.replace(champs_in_order(editing.champs, ordered))
