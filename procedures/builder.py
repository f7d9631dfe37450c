"""What an administrateur does to a form: each act is one transaction under the draft's row lock."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pydantic
from django.core.exceptions import ValidationError
from django.db import transaction

from procedures import annulation, revisions
from procedures.champs import Champ, new_champ, new_champ_id
from procedures.conditions import Condition, Ineligibilite
from procedures.conditions.controle import problems_of_condition
from procedures.enums import DELETED_CHAMPS_KEPT
from procedures.formulaire import Formulaire
from procedures.models import Procedure, Revision
from procedures.ordre import champs_in_order, marks_of, span_of
from procedures.part import CHAMPS, Part
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
    """The outcome of an act: the draft as saved, and the champ to look at (None: an empty form).

    `before` is the edited part of the form as it was.
    """

    revision: Revision
    champ: Champ | None
    part: Part
    before: Formulaire

    @property
    def formulaire(self) -> Formulaire:
        """Return the edited part of the form as saved."""
        return self.part.of(self.revision.formulaire)

    @property
    def position(self) -> int:
        """Return the place of the champ, from 0."""
        return self.formulaire.champs.index(self.champ)


class _Editing:
    """A part of a draft that an act changes, under the draft's row lock."""

    def __init__(self, draft: Revision, part: Part):
        self.draft, self.part, self.before = draft, part, part.of(draft.formulaire)

    @property
    def formulaire(self) -> Formulaire:
        return self.part.of(self.draft.formulaire)

    @property
    def champs(self) -> list[Champ]:
        return self.formulaire.champs

    def replace(self, champs: list[Champ]) -> None:
        """Give this part other champs, and save the draft."""
        self.draft.set_formulaire(self.part.replaced(self.draft.formulaire, champs))
        self.draft.save(update_fields=["document", "deleted_champs", "updated_at"])

    def replace_one(self, champ: Champ) -> None:
        """Put another champ in the place of the one that has its id."""
        self.replace([champ if other.id == champ.id else other for other in self.champs])

    def remember(self, kept: dict[str, Any]) -> None:
        """Keep what an act can be undone with; `replace` saves it."""
        self.draft.deleted_champs = [*self.draft.deleted_champs, kept][-DELETED_CHAMPS_KEPT:]

    def forget(self, kept: Mapping[str, Any]) -> None:
        """Let go of what was undone; `replace` saves it."""
        self.draft.deleted_champs = [
            other for other in self.draft.deleted_champs if other is not kept
        ]

    def edited(self, champ_id: str | None) -> Edited:
        """Return the outcome, which looks at the champ of this id."""
        champ = self.formulaire.by_id.get(champ_id or "")
        return Edited(self.draft, champ, self.part, self.before)


def find(formulaire: Formulaire, champ_id: str) -> tuple[int, Champ]:
    """Return the place and the champ of this id. Raises ChampNotFound."""
    for position, champ in enumerate(formulaire.champs):
        if champ.id == champ_id:
            return position, champ
    raise ChampNotFound("Ce champ n’existe plus dans le formulaire.")


def add_champ(
    procedure: Procedure, type_name: str, *, after: str | None = None, part: Part = CHAMPS
) -> Edited:
    """Add a new champ after a mark of the order (`procedures.ordre`), else at the end.

    Raises UnknownChampType, FormulaireIsFull.
    """
    if type_name not in part.types:
        raise UnknownChampType("Ce type de champ n’existe pas.")
    champ = new_champ(type_name)
    with _editing(procedure, part) as editing:
        _insert(editing, [champ], after=after)
    return editing.edited(champ.id)


def add_champs(
    procedure: Procedure, new: list[Champ], *, after: str | None = None, part: Part = CHAMPS
) -> Edited:
    """Add several new champs at once, in their order; the outcome names the first.

    They come after a mark of the order, else at the end, and can be taken back by `undo_insert`.
    Raises FormulaireIsFull.
    """
    with _editing(procedure, part) as editing:
        editing.remember(annulation.insertion_of(part, new))
        _insert(editing, new, after=after)
    return editing.edited(new[0].id)


def update_champ(
    procedure: Procedure, champ_id: str, properties: Mapping[str, Any], *, part: Part = CHAMPS
) -> Edited:
    """Give a champ new properties. Raises ChampNotFound, ValidationError by name of property."""
    with _editing(procedure, part) as editing:
        _, champ = find(editing.formulaire, champ_id)
        editing.replace_one(changed_champ(champ, properties))
    return editing.edited(champ_id)


def changed_champ(champ: Champ, properties: Mapping[str, Any]) -> Champ:
    """Return a copy of `champ` with other properties; its id and type stay.

    Raises ValidationError by name of property, in French.
    """
    values = champ.model_dump() | dict(properties) | {"id": champ.id, "type": champ.type}
    try:
        return type(champ).model_validate(values)
    except pydantic.ValidationError as error:
        raise ValidationError(_french_errors(error)) from None


def set_condition(
    procedure: Procedure, champ_id: str, condition: Condition | None, *, part: Part = CHAMPS
) -> Edited:
    """Say when a champ is asked, None for always.

    Raises ChampNotFound, ValidationError naming each impossible rule.
    """
    with _editing(procedure, part) as editing:
        _, champ = find(editing.formulaire, champ_id)
        if condition is not None:
            problems = problems_of_condition(editing.formulaire, condition, champ)
            if problems:
                raise ValidationError(problems)
        editing.replace_one(champ.model_copy(update={"condition": condition}))
    return editing.edited(champ_id)


def set_ineligibilites(procedure: Procedure, rules: list[Ineligibilite]) -> Revision:
    """Replace the rules of ineligibility.

    Raises ValidationError naming each impossible comparison of those that are new or changed.
    """
    with transaction.atomic():
        draft = revisions.draft_of(procedure, lock=True)
        problems = [
            problem
            for rule in rules
            if rule not in draft.formulaire.ineligibilites
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
    part: Part = CHAMPS,
) -> Edited:
    """Move a champ to a place of the order, counted without it, or beside another champ.

    `after` may also name the end of a bloc (`procedures.ordre`). A bloc moves with its champs; a
    place out of the form is its nearest end. Raises ChampNotFound for either champ.
    """
    with _editing(procedure, part) as editing:
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
    with _editing(procedure, part) as editing:
        _, champ = find(editing.formulaire, champ_id)
        place = marks_of(editing.champs).index(champ_id)
        marks, span = _taken_out(editing, champ)
        index = max(0, min(place + by, len(marks)))
        if champ.is_bloc or champ.is_section:
            while 0 < index < len(marks) and _is_inside(editing, marks, index):
                index += 1 if by > 0 else -1
        _put(editing, marks, span, index)
    return editing.edited(champ_id)


def duplicate_champ(procedure: Procedure, champ_id: str, *, part: Part = CHAMPS) -> Edited:
    """Put a copy, with an id of its own, right after a champ; a bloc is copied with its champs.

    Raises ChampNotFound, FormulaireIsFull.
    """
    with _editing(procedure, part) as editing:
        _, champ = find(editing.formulaire, champ_id)
        label = champ.label[: champ.label_max - len(COPY_SUFFIX)] + COPY_SUFFIX
        copies = _copies([changed_champ(champ, {"label": label}), *_inside(editing, champ)])
        _insert(editing, copies, after=span_of(editing.champs, champ)[-1])
    return editing.edited(copies[0].id)


def delete_champ(procedure: Procedure, champ_id: str, *, part: Part = CHAMPS) -> Edited:
    """Take a champ out of the form and keep it for undo; the outcome names its neighbour.

    A bloc goes with its champs. Raises ChampNotFound.
    """
    with _editing(procedure, part) as editing:
        position, champ = find(editing.formulaire, champ_id)
        _delete(editing, [champ, *_inside(editing, champ)], position)
    return editing.edited(_neighbour(editing, position))


def undo_delete(
    procedure: Procedure, champ_id: str | None = None, *, part: Part = CHAMPS
) -> Edited:
    """Put the champ deleted last, or the one of this id, back where it stood.

    Raises NothingToUndo, FormulaireIsFull.
    """
    with _editing(procedure, part) as editing:
        present = editing.formulaire.by_id
        for kept in reversed(editing.draft.deleted_champs):
            documents = annulation.deleted_in(kept) if annulation.belongs(kept, part) else []
            kept_id = documents[0]["id"] if documents else None
            if documents and kept_id not in present and champ_id in (None, kept_id):
                break
        else:
            raise NothingToUndo("Cette suppression ne peut plus être annulée.")
        champs = _with_room(editing, len(documents))
        editing.forget(kept)
        editing.replace(annulation.put_back(champs, kept))
    return editing.edited(kept_id)


def undo_insert(procedure: Procedure, champ_id: str, *, part: Part = CHAMPS) -> Edited:
    """Take away what came at once with the champ of this id; that deletion can be undone.

    What is no longer in the form is left alone. Raises NothingToUndo.
    """
    with _editing(procedure, part) as editing:
        for kept in reversed(editing.draft.deleted_champs):
            if annulation.belongs(kept, part) and champ_id in kept.get("inserted", []):
                break
        else:
            raise NothingToUndo("Cette insertion ne peut plus être annulée.")
        gone = [champ for champ in editing.champs if champ.id in kept["inserted"]]
        if not gone:
            raise NothingToUndo("Ces champs ne sont plus dans le formulaire.")
        editing.forget(kept)
        position = editing.champs.index(gone[0])
        _delete(editing, gone, position)
    return editing.edited(_neighbour(editing, position))


@contextmanager
def _editing(procedure: Procedure, part: Part) -> Iterator[_Editing]:
    """Hold the draft's row lock, making the draft first where there is none."""
    with transaction.atomic():
        yield _Editing(revisions.draft_of(procedure, lock=True), part)


def _with_room(editing: _Editing, count: int = 1) -> list[Champ]:
    if len(editing.champs) + count > editing.part.champs_max:
        raise FormulaireIsFull(
            f"Un formulaire compte au plus {editing.part.champs_max} champs. "
            "Supprimez-en un pour continuer."
        )
    return list(editing.champs)


def _delete(editing: _Editing, gone: list[Champ], position: int) -> None:
    """Take champs out, and keep them for undo."""
    editing.remember(annulation.deletion_of(editing.part, gone, position))
    editing.replace(annulation.taken_out(editing.formulaire, {champ.id for champ in gone}))


def _neighbour(editing: _Editing, position: int) -> str | None:
    """Return the id of the champ to look at once those at `position` are gone."""
    champs = editing.champs
    return champs[min(position, len(champs) - 1)].id if champs else None


def _inside(editing: _Editing, champ: Champ) -> list[Champ]:
    """Return the champs of a bloc, none for another champ."""
    return editing.formulaire.champs_of(champ) if champ.is_bloc else []


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


def _insert(editing: _Editing, new: list[Champ], *, after: str | None) -> None:
    """Put new champs after a mark of the order, at the end where there is none such."""
    champs = _with_room(editing, len(new))
    marks = marks_of(champs)
    place = marks.index(after) + 1 if after in marks else len(marks)
    marks[place:place] = marks_of(new)
    editing.replace(champs_in_order([*champs, *new], marks))


def _taken_out(editing: _Editing, champ: Champ) -> tuple[list[str], list[str]]:
    """Return the order without a champ, and the marks that move with it."""
    span = span_of(editing.champs, champ)
    return [mark for mark in marks_of(editing.champs) if mark not in span], span


def _is_inside(editing: _Editing, marks: list[str], index: int) -> bool:
    """Tell whether what is put at `index` of the order would stand in a bloc."""
    before = marks[index - 1]
    champ = editing.formulaire.by_id.get(before)
    return champ is not None and (champ.is_bloc or champ.bloc is not None)


def _put(editing: _Editing, marks: list[str], span: list[str], index: int) -> None:
    """Put `span` into the order at `index`; out of bounds is the nearest end."""
    place = max(0, min(index, len(marks)))
    ordered = [*marks[:place], *span, *marks[place:]]
    editing.replace(champs_in_order(editing.champs, ordered))


def _french_errors(error: pydantic.ValidationError) -> dict[str, list[str]]:
    """Return the messages of pydantic by property, in French."""
    messages: dict[str, list[str]] = {}
    for item in error.errors(include_url=False):
        name = str(item["loc"][0]) if item["loc"] else "__all__"
        messages.setdefault(name, []).append(french_error(item))
    return messages
