"""What can be undone in a draft: the champs deleted last, and the outline inserted last.

`Revision.deleted_champs` keeps, for each, the name of its part of the form and either what was
deleted, `{"champ": {…}, "inside": [{…}], "position": int}`, or what came, `{"inserted": [id]}`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from procedures.champs import CHAMP_TYPES, Champ
from procedures.formulaire import Formulaire
from procedures.models import Revision
from procedures.ordre import champs_in_order, marks_of
from procedures.part import CHAMPS, Part

LABEL_SHOWN_MAX = 60


@dataclass(frozen=True)
class Undoable:
    """The act that the builder offers to undo."""

    champ_id: str
    label: str
    is_insertion: bool = False


def last_undoable(revision: Revision, part: Part) -> Undoable | None:
    """Return the last act on a part of the form that can be undone."""
    present = part.of(revision.formulaire).by_id
    for kept in reversed(revision.deleted_champs):
        if not belongs(kept, part):
            continue
        if "inserted" in kept:
            still = [champ_id for champ_id in kept["inserted"] if champ_id in present]
            if still:
                return Undoable(still[0], f"l’insertion de {_counted(len(still))}", True)
        elif kept["champ"]["id"] not in present:
            return Undoable(kept["champ"]["id"], f"la suppression de {_named(kept)}")
    return None


def deletion_of(part: Part, champs: Sequence[Champ], position: int) -> dict[str, Any]:
    """Return what is kept of champs that leave together from `position`."""
    first, *others = [champ.model_dump(mode="json") for champ in champs]
    return {"part": part.name, "champ": first, "inside": others, "position": position}


def insertion_of(part: Part, champs: Sequence[Champ]) -> dict[str, Any]:
    """Return what is kept of champs that came together."""
    return {"part": part.name, "inserted": [champ.id for champ in champs]}


def belongs(kept: Mapping[str, Any], part: Part) -> bool:
    """Tell whether what was kept is of a part of the form."""
    return kept.get("part", CHAMPS.name) == part.name


def deleted_in(kept: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the documents of the champs that a deletion keeps, none for an insertion."""
    return [kept["champ"], *kept["inside"]] if "champ" in kept else []


def put_back(champs: list[Champ], kept: Mapping[str, Any]) -> list[Champ]:
    """Return `champs` with those of a deletion where they stood."""
    back = [CHAMP_TYPES[document["type"]].model_validate(document) for document in deleted_in(kept)]
    place = min(kept["position"], len(champs))
    marks = marks_of(champs)
    following = champs[place].id if place < len(champs) else None
    index = marks.index(following) if following else len(marks)
    if back[0].bloc and place and champs[place - 1].bloc == back[0].bloc:
        index = marks.index(champs[place - 1].id) + 1  # the last one of its bloc
    marks[index:index] = marks_of([back[0].model_copy(update={"bloc": None}), *back[1:]])
    return champs_in_order([*champs, *back], marks)


def taken_out(formulaire: Formulaire, gone: set[str]) -> list[Champ]:
    """Return the champs of a form without some; what stood in a bloc that goes stays, out of it."""
    left = [champ for champ in formulaire.champs if champ.id not in gone]
    marks = [mark for mark in marks_of(formulaire.champs) if mark not in gone]
    return champs_in_order(left, marks)


def _named(kept: Mapping[str, Any]) -> str:
    """Name what a deletion holds: its champ, or their number when they are not one bloc."""
    champ = kept["champ"]
    if any(other["bloc"] != champ["id"] for other in kept["inside"]):
        return _counted(1 + len(kept["inside"]))
    return f"« {shortened(champ['label'])} »"


def _counted(count: int) -> str:
    return f"{count} champs" if count > 1 else "1 champ"


def shortened(label: str) -> str:
    """Return a label that holds on a button or in a list."""
    return label if len(label) <= LABEL_SHOWN_MAX else f"{label[:LABEL_SHOWN_MAX]}…"
