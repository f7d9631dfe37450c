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
from procedures.enums import CHAMPS_MAX, DELETED_CHAMPS_KEPT
from procedures.formulaire import Formulaire
from procedures.models import Procedure, Revision
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
        champs = _with_room(draft)
        ids = [other.id for other in champs]
        champs.insert(ids.index(after) + 1 if after in ids else len(champs), champ)
        _replace(draft, champs)
    return Edited(draft, champ)


def add_champs(procedure: Procedure, new: list[Champ], *, after: str | None = None) -> Edited:
    """Add several new champs at once, in their order; the outcome names the first.

    They come after the champ of id `after`, at the end where there is no such champ.
    Raises FormulaireIsFull.
    """
    with _editing(procedure) as draft:
        champs = _with_room(draft, len(new))
        ids = [other.id for other in champs]
        place = ids.index(after) + 1 if after in ids else len(champs)
        champs[place:place] = new
        _replace(draft, champs)
    return Edited(draft, new[0])


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


def move_champ(
    procedure: Procedure,
    champ_id: str,
    *,
    to_index: int | None = None,
    before: str | None = None,
    after: str | None = None,
) -> Edited:
    """Move a champ to a place, counted without it, or beside another champ.

    A place out of the form is its nearest end. Raises ChampNotFound for either champ.
    """
    with _editing(procedure) as draft:
        position, champ = find(draft.formulaire, champ_id)
        neighbour = before or after
        if neighbour is not None:
            place, _ = find(draft.formulaire, neighbour)
            to_index = place - (place > position) + (after is not None and place != position)
        _place(draft, champ, to_index or 0)
    return Edited(draft, champ)


def step_champ(procedure: Procedure, champ_id: str, *, by: int) -> Edited:
    """Move a champ by some places, up when negative. Raises ChampNotFound."""
    with _editing(procedure) as draft:
        position, champ = find(draft.formulaire, champ_id)
        _place(draft, champ, position + by)
    return Edited(draft, champ)


def duplicate_champ(procedure: Procedure, champ_id: str) -> Edited:
    """Put a copy, with an id of its own, right after a champ.

    Raises ChampNotFound, FormulaireIsFull.
    """
    with _editing(procedure) as draft:
        position, champ = find(draft.formulaire, champ_id)
        champs = _with_room(draft)
        label = champ.label[: champ.label_max - len(COPY_SUFFIX)] + COPY_SUFFIX
        copy = changed_champ(champ, {"label": label}).model_copy(update={"id": new_champ_id()})
        champs.insert(position + 1, copy)
        _replace(draft, champs)
    return Edited(draft, copy)


def delete_champ(procedure: Procedure, champ_id: str) -> Edited:
    """Take a champ out of the form and keep it for undo; the outcome names its neighbour.

    Raises ChampNotFound.
    """
    with _editing(procedure) as draft:
        position, champ = find(draft.formulaire, champ_id)
        champs = [other for other in draft.formulaire.champs if other.id != champ_id]
        kept = {"champ": champ.model_dump(mode="json"), "position": position}
        draft.deleted_champs = [*draft.deleted_champs, kept][-DELETED_CHAMPS_KEPT:]
        _replace(draft, champs)
    neighbour = champs[min(position, len(champs) - 1)] if champs else None
    return Edited(draft, neighbour)


def undo_delete(procedure: Procedure, champ_id: str | None = None) -> Edited:
    """Put the champ deleted last, or the one of this id, back where it stood.

    Raises NothingToUndo, FormulaireIsFull.
    """
    with _editing(procedure) as draft:
        champs = _with_room(draft)
        present = {champ.id for champ in champs}
        for kept in reversed(draft.deleted_champs):
            kept_id = kept["champ"]["id"]
            if kept_id not in present and champ_id in (None, kept_id):
                break
        else:
            raise NothingToUndo("Cette suppression ne peut plus être annulée.")
        champ = CHAMP_TYPES[kept["champ"]["type"]].model_validate(kept["champ"])
        champs.insert(min(kept["position"], len(champs)), champ)
        draft.deleted_champs = [other for other in draft.deleted_champs if other is not kept]
        _replace(draft, champs)
    return Edited(draft, champ)


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


def _place(draft: Revision, champ: Champ, index: int) -> None:
    """Move `champ` to `index`, counted without it; out of bounds is the nearest end."""
    champs = [other for other in draft.formulaire.champs if other.id != champ.id]
    champs.insert(max(0, min(index, len(champs))), champ)
    _replace(draft, champs)


def _replace(draft: Revision, champs: list[Champ]) -> None:
    draft.set_formulaire(Formulaire(champs=champs))
    draft.save(update_fields=["document", "deleted_champs", "updated_at"])


def _french_errors(error: pydantic.ValidationError) -> dict[str, list[str]]:
    """Return the messages of pydantic by property, in French."""
    messages: dict[str, list[str]] = {}
    for item in error.errors(include_url=False):
        name = str(item["loc"][0]) if item["loc"] else "__all__"
        messages.setdefault(name, []).append(french_error(item))
    return messages
