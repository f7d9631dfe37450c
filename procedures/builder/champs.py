"""Champs added, changed, copied, deleted and put back."""

from collections.abc import Mapping
from typing import Any

import pydantic
from django.core.exceptions import ValidationError

from procedures import annulation
from procedures.builder.edition import Edited, Editing, editing_of, find, insert, inside, with_room
from procedures.builder.errors import NothingToUndo, UnknownChampType
from procedures.champs import Champ, new_champ, new_champ_id
from procedures.models import Procedure
from procedures.ordre import span_of
from procedures.part import CHAMPS, Part
from procedures.validation import french_error

COPY_SUFFIX = " (copie)"


def add_champ(
    procedure: Procedure, type_name: str, *, after: str | None = None, part: Part = CHAMPS
) -> Edited:
    """Add a new champ after a mark of the order (`procedures.ordre`), else at the end.

    Raises UnknownChampType, FormulaireIsFull.
    """
    if type_name not in part.types:
        raise UnknownChampType("Ce type de champ n’existe pas.")
    champ = new_champ(type_name)
    with editing_of(procedure, part) as editing:
        insert(editing, [champ], after=after)
    return editing.edited(champ.id)


def add_champs(
    procedure: Procedure, new: list[Champ], *, after: str | None = None, part: Part = CHAMPS
) -> Edited:
    """Add several new champs at once, in their order; the outcome names the first.

    They come after a mark of the order, else at the end, and can be taken back by `undo_insert`.
    Raises FormulaireIsFull.
    """
    with editing_of(procedure, part) as editing:
        editing.remember(annulation.insertion_of(part, new))
        insert(editing, new, after=after)
    return editing.edited(new[0].id)


def update_champ(
    procedure: Procedure, champ_id: str, properties: Mapping[str, Any], *, part: Part = CHAMPS
) -> Edited:
    """Give a champ new properties. Raises ChampNotFound, ValidationError by name of property."""
    with editing_of(procedure, part) as editing:
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


def duplicate_champ(procedure: Procedure, champ_id: str, *, part: Part = CHAMPS) -> Edited:
    """Put a copy, with an id of its own, right after a champ; a bloc is copied with its champs.

    Raises ChampNotFound, FormulaireIsFull.
    """
    with editing_of(procedure, part) as editing:
        _, champ = find(editing.formulaire, champ_id)
        label = champ.label[: champ.label_max - len(COPY_SUFFIX)] + COPY_SUFFIX
        copies = _copies([changed_champ(champ, {"label": label}), *inside(editing, champ)])
        insert(editing, copies, after=span_of(editing.champs, champ)[-1])
    return editing.edited(copies[0].id)


def delete_champ(procedure: Procedure, champ_id: str, *, part: Part = CHAMPS) -> Edited:
    """Take a champ out of the form and keep it for undo; the outcome names its neighbour.

    A bloc goes with its champs. Raises ChampNotFound.
    """
    with editing_of(procedure, part) as editing:
        position, champ = find(editing.formulaire, champ_id)
        _delete(editing, [champ, *inside(editing, champ)], position)
    return editing.edited(_neighbour(editing, position))


def undo_delete(
    procedure: Procedure, champ_id: str | None = None, *, part: Part = CHAMPS
) -> Edited:
    """Put the champ deleted last, or the one of this id, back where it stood.

    Raises NothingToUndo, FormulaireIsFull.
    """
    with editing_of(procedure, part) as editing:
        present = editing.formulaire.by_id
        for kept in reversed(editing.draft.deleted_champs):
            documents = annulation.deleted_in(kept) if annulation.belongs(kept, part) else []
            kept_id = documents[0]["id"] if documents else None
            if documents and kept_id not in present and champ_id in (None, kept_id):
                break
        else:
            raise NothingToUndo("Cette suppression ne peut plus être annulée.")
        champs = with_room(editing, len(documents))
        editing.forget(kept)
        editing.replace(annulation.put_back(champs, kept))
    return editing.edited(kept_id)


def undo_insert(procedure: Procedure, champ_id: str, *, part: Part = CHAMPS) -> Edited:
    """Take away what came at once with the champ of this id; that deletion can be undone.

    What is no longer in the form is left alone. Raises NothingToUndo.
    """
    with editing_of(procedure, part) as editing:
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


def _delete(editing: Editing, gone: list[Champ], position: int) -> None:
    """Take champs out, and keep them for undo."""
    editing.remember(annulation.deletion_of(editing.part, gone, position))
    editing.replace(annulation.taken_out(editing.formulaire, {champ.id for champ in gone}))


def _neighbour(editing: Editing, position: int) -> str | None:
    """Return the id of the champ to look at once those at `position` are gone."""
    champs = editing.champs
    return champs[min(position, len(champs) - 1)].id if champs else None


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


def _french_errors(error: pydantic.ValidationError) -> dict[str, list[str]]:
    """Return the messages of pydantic by property, in French."""
    messages: dict[str, list[str]] = {}
    for item in error.errors(include_url=False):
        name = str(item["loc"][0]) if item["loc"] else "__all__"
        messages.setdefault(name, []).append(french_error(item))
    return messages
