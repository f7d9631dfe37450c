"""What an administrateur does to a form: each act is one transaction under the draft's row lock."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pydantic
from django.core.exceptions import ValidationError
from django.db import transaction

from commun.text import fold
from procedures import revisions
from procedures.champs import CHAMP_TYPES, Champ, new_champ, new_champ_id
from procedures.conditions import Condition, Ineligibilite
from procedures.conditions.controle import problems_of_condition
from procedures.enums import CHAMPS_MAX, DELETED_CHAMPS_KEPT
from procedures.formulaire import Formulaire
from procedures.models import Procedure, Revision
from procedures.ordre import champs_in_order, marks_of, span_of
from procedures.validation import french_error

COPY_SUFFIX = " (copie)"


class BuilderError(Exception):
    """An act that cannot be done; its text says why, in French."""


class ChampNotFound(BuilderError):
    """No champ of the draft has this id: forged, or deleted by someone else."""


class UnknownChampType(BuilderError):
    """No type of champ has this name."""


class FormulaireIsFull(BuilderError):
    """The form holds `CHAMPS_MAX` champs already."""


class NothingToUndo(BuilderError):
    """The deletion was undone already, or is too old."""


@dataclass(frozen=True)
class Edited:
    """The outcome of an act: the draft as saved, and the champ to look at (None: an empty form)."""

    revision: Revision
    champ: Champ | None

    @property
    def formulaire(self) -> Formulaire:
        """Return the form as saved."""
        return self.revision.formulaire

    @property
    def position(self) -> int:
        """Return the place of the champ, from 0."""
        return self.formulaire.champs.index(self.champ)


@dataclass(frozen=True)
class PaletteItem:
    """A type of champ as the palette shows it."""

    type: str
    name: str
    description: str
    icon: str


def palette(search: str = "") -> dict[str, list[PaletteItem]]:
    """Return the types of champ by group, those whose name or description holds every word."""
    words = fold(search).split()
    groups: dict[str, list[PaletteItem]] = {}
    for type_name, champ_class in CHAMP_TYPES.items():
        text = fold(f"{champ_class.name} {champ_class.description} {champ_class.group}")
        if all(word in text for word in words):
            item = PaletteItem(
                type_name, champ_class.name, champ_class.description, champ_class.icon
            )
            groups.setdefault(champ_class.group, []).append(item)
    return groups


def find(formulaire: Formulaire, champ_id: str) -> tuple[int, Champ]:
    """Return the place and the champ of this id. Raises ChampNotFound."""
    for position, champ in enumerate(formulaire.champs):
        if champ.id == champ_id:
            return position, champ
    raise ChampNotFound("Ce champ n’existe plus dans le formulaire.")


def add_champ(procedure: Procedure, type_name: str, *, after: str | None = None) -> Edited:
    """Add a new champ after the one of id `after`, at the end where there is no such champ.

    Raises UnknownChampType, FormulaireIsFull.
    """
    if type_name not in CHAMP_TYPES:
        raise UnknownChampType("Ce type de champ n’existe pas.")
    champ = new_champ(type_name)
    with _editing(procedure) as draft:
        _insert(draft, [champ], after=after)
    return Edited(draft, draft.formulaire.by_id[champ.id])


def add_champs(procedure: Procedure, new: list[Champ], *, after: str | None = None) -> Edited:
    """Add several new champs at once, in their order; the outcome names the first.

    They come after the champ of id `after`, at the end where there is no such champ.
    Raises FormulaireIsFull.
    """
    with _editing(procedure) as draft:
        _insert(draft, new, after=after)
    return Edited(draft, draft.formulaire.by_id[new[0].id])


def update_champ(procedure: Procedure, champ_id: str, properties: Mapping[str, Any]) -> Edited:
    """Give a champ new properties. Raises ChampNotFound, ValidationError by name of property."""
    with _editing(procedure) as draft:
        position, champ = find(draft.formulaire, champ_id)
        champ = changed_champ(champ, properties)
        champs = list(draft.formulaire.champs)
        champs[position] = champ
        _replace(draft, champs)
    return Edited(draft, champ)


def changed_champ(champ: Champ, properties: Mapping[str, Any]) -> Champ:
    """Return a copy of `champ` with other properties; its id and type stay.

    Raises ValidationError by name of property, in French.
    """
    values = champ.model_dump() | dict(properties) | {"id": champ.id, "type": champ.type}
    try:
        return type(champ).model_validate(values)
    except pydantic.ValidationError as error:
        raise ValidationError(_french_errors(error)) from None


def set_condition(procedure: Procedure, champ_id: str, condition: Condition | None) -> Edited:
    """Say when a champ is asked, None for always.

    Raises ChampNotFound, ValidationError naming each impossible rule.
    """
    with _editing(procedure) as draft:
        position, champ = find(draft.formulaire, champ_id)
        if condition is not None:
            problems = problems_of_condition(draft.formulaire, condition, champ)
            if problems:
                raise ValidationError(problems)
        champ = champ.model_copy(update={"condition": condition})
        champs = list(draft.formulaire.champs)
        champs[position] = champ
        _replace(draft, champs)
    return Edited(draft, champ)


def set_ineligibilites(procedure: Procedure, rules: list[Ineligibilite]) -> Revision:
    """Replace the rules of ineligibility. Raises ValidationError naming each impossible rule."""
    with _editing(procedure) as draft:
        problems = [
            problem
            for rule in rules
            for problem in problems_of_condition(draft.formulaire, rule.condition, None)
        ]
        if problems:
            raise ValidationError(list(dict.fromkeys(problems)))
        draft.set_formulaire(draft.formulaire.changed(ineligibilites=rules))
        draft.save(update_fields=["document", "updated_at"])
    return draft


def move_champ(
    procedure: Procedure,
    champ_id: str,
    *,
    to_index: int | None = None,
    before: str | None = None,
    after: str | None = None,
) -> Edited:
    """Move a champ to a place of the order, counted without it, or beside another champ.

    `after` may also name the end of a bloc (`procedures.ordre`). A bloc moves with its champs; a
    place out of the form is its nearest end. Raises ChampNotFound for either champ.
    """
    with _editing(procedure) as draft:
        _, champ = find(draft.formulaire, champ_id)
        marks, span = _taken_out(draft, champ)
        neighbour = before or after
        if neighbour in span:
            return Edited(draft, champ)
        if neighbour is not None:
            if neighbour not in marks:
                raise ChampNotFound("Ce champ n’existe plus dans le formulaire.")
            to_index = marks.index(neighbour) + (after is not None)
        _put(draft, marks, span, to_index or 0)
    return Edited(draft, draft.formulaire.by_id[champ_id])


def step_champ(procedure: Procedure, champ_id: str, *, by: int) -> Edited:
    """Move a champ by some places, up when negative, into and out of blocs on its way.

    What cannot stand in a bloc passes over it. Raises ChampNotFound.
    """
    with _editing(procedure) as draft:
        _, champ = find(draft.formulaire, champ_id)
        place = marks_of(draft.formulaire.champs).index(champ_id)
        marks, span = _taken_out(draft, champ)
        index = max(0, min(place + by, len(marks)))
        if champ.is_bloc or champ.is_section:
            while 0 < index < len(marks) and _is_inside(draft, marks, index):
                index += 1 if by > 0 else -1
        _put(draft, marks, span, index)
    return Edited(draft, draft.formulaire.by_id[champ_id])


def duplicate_champ(procedure: Procedure, champ_id: str) -> Edited:
    """Put a copy, with an id of its own, right after a champ; a bloc is copied with its champs.

    Raises ChampNotFound, FormulaireIsFull.
    """
    with _editing(procedure) as draft:
        _, champ = find(draft.formulaire, champ_id)
        label = champ.label[: champ.label_max - len(COPY_SUFFIX)] + COPY_SUFFIX
        copies = _copies([changed_champ(champ, {"label": label}), *_inside(draft, champ)])
        _insert(draft, copies, after=span_of(draft.formulaire.champs, champ)[-1])
    return Edited(draft, draft.formulaire.by_id[copies[0].id])


def delete_champ(procedure: Procedure, champ_id: str) -> Edited:
    """Take a champ out of the form and keep it for undo; the outcome names its neighbour.

    A bloc goes with its champs.

    Raises ChampNotFound.
    """
    with _editing(procedure) as draft:
        position, champ = find(draft.formulaire, champ_id)
        inside = _inside(draft, champ)
        gone = {champ_id, *(other.id for other in inside)}
        champs = [other for other in draft.formulaire.champs if other.id not in gone]
        kept = {
            "champ": champ.model_dump(mode="json"),
            "inside": [other.model_dump(mode="json") for other in inside],
            "position": position,
        }
        draft.deleted_champs = [*draft.deleted_champs, kept][-DELETED_CHAMPS_KEPT:]
        _replace(draft, champs)
    neighbour = champs[min(position, len(champs) - 1)] if champs else None
    return Edited(draft, neighbour)


def undo_delete(procedure: Procedure, champ_id: str | None = None) -> Edited:
    """Put the champ deleted last, or the one of this id, back where it stood.

    Raises NothingToUndo, FormulaireIsFull.
    """
    with _editing(procedure) as draft:
        present = set(draft.formulaire.by_id)
        for kept in reversed(draft.deleted_champs):
            kept_id = kept["champ"]["id"]
            if kept_id not in present and champ_id in (None, kept_id):
                break
        else:
            raise NothingToUndo("Cette suppression ne peut plus être annulée.")
        back = [_read_champ(item) for item in (kept["champ"], *kept["inside"])]
        champs = _with_room(draft, len(back))
        place = min(kept["position"], len(champs))
        marks = marks_of(champs)
        following = champs[place].id if place < len(champs) else None
        index = marks.index(following) if following else len(marks)
        if back[0].bloc and place and champs[place - 1].bloc == back[0].bloc:
            index = marks.index(champs[place - 1].id) + 1  # the last one of its bloc
        marks[index:index] = marks_of([back[0].model_copy(update={"bloc": None}), *back[1:]])
        draft.deleted_champs = [other for other in draft.deleted_champs if other is not kept]
        _replace(draft, champs_in_order([*champs, *back], marks))
    return Edited(draft, draft.formulaire.by_id[back[0].id])


@contextmanager
def _editing(procedure: Procedure) -> Iterator[Revision]:
    """Hold the draft's row lock, making the draft first where there is none."""
    with transaction.atomic():
        yield revisions.draft_of(procedure, lock=True)


def _with_room(draft: Revision, count: int = 1) -> list[Champ]:
    if len(draft.formulaire.champs) + count > CHAMPS_MAX:
        raise FormulaireIsFull(
            f"Un formulaire compte au plus {CHAMPS_MAX} champs. Supprimez-en un pour continuer."
        )
    return list(draft.formulaire.champs)


def _inside(draft: Revision, champ: Champ) -> list[Champ]:
    """Return the champs of a bloc, none for another champ."""
    return draft.formulaire.champs_of(champ) if champ.is_bloc else []


def _copies(champs: list[Champ]) -> list[Champ]:
    """Return copies with ids of their own, which name each other as the originals do."""
    new_ids = {champ.id: new_champ_id() for champ in champs}
    copies = []
    for champ in champs:
        update: dict[str, Any] = {
            "id": new_ids[champ.id],
            "bloc": new_ids.get(champ.bloc, champ.bloc),
        }
        if champ.condition is not None:
            regles = [
                regle.model_copy(update={"champ": new_ids.get(regle.champ, regle.champ)})
                for regle in champ.condition.regles
            ]
            update["condition"] = champ.condition.model_copy(update={"regles": regles})
        copies.append(champ.model_copy(update=update))
    return copies


def _read_champ(document: Mapping[str, Any]) -> Champ:
    return CHAMP_TYPES[document["type"]].model_validate(document)


def _insert(draft: Revision, new: list[Champ], *, after: str | None) -> None:
    """Put new champs after a mark of the order, at the end where there is none such."""
    champs = _with_room(draft, len(new))
    marks = marks_of(champs)
    place = marks.index(after) + 1 if after in marks else len(marks)
    marks[place:place] = marks_of(new)
    _replace(draft, champs_in_order([*champs, *new], marks))


def _taken_out(draft: Revision, champ: Champ) -> tuple[list[str], list[str]]:
    """Return the order without a champ, and the marks that move with it."""
    span = span_of(draft.formulaire.champs, champ)
    return [mark for mark in marks_of(draft.formulaire.champs) if mark not in span], span


def _is_inside(draft: Revision, marks: list[str], index: int) -> bool:
    """Tell whether what is put at `index` of the order would stand in a bloc."""
    before = marks[index - 1]
    champ = draft.formulaire.by_id.get(before)
    return champ is not None and (champ.is_bloc or champ.bloc is not None)


def _put(draft: Revision, marks: list[str], span: list[str], index: int) -> None:
    """Put `span` into the order at `index`; out of bounds is the nearest end."""
    place = max(0, min(index, len(marks)))
    ordered = [*marks[:place], *span, *marks[place:]]
    _replace(draft, champs_in_order(draft.formulaire.champs, ordered))


def _replace(draft: Revision, champs: list[Champ]) -> None:
    draft.set_formulaire(draft.formulaire.changed(champs=champs))
    draft.save(update_fields=["document", "deleted_champs", "updated_at"])


def _french_errors(error: pydantic.ValidationError) -> dict[str, list[str]]:
    """Return the messages of pydantic by property, in French."""
    messages: dict[str, list[str]] = {}
    for item in error.errors(include_url=False):
        name = str(item["loc"][0]) if item["loc"] else "__all__"
        messages.setdefault(name, []).append(french_error(item))
    return messages
