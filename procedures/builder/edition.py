"""A part of a draft that an act changes, under the draft's row lock."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from procedures import revisions
from procedures.builder.errors import ChampNotFound, FormulaireIsFull
from procedures.champs import Champ
from procedures.enums import DELETED_CHAMPS_KEPT
from procedures.formulaire import Formulaire
from procedures.models import Procedure, Revision
from procedures.ordre import champs_in_order, marks_of
from procedures.part import Part


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


class Editing:
    """A part of a draft that an act changes, under the draft's row lock."""

    def __init__(self, draft: Revision, part: Part):
        self.draft, self.part, self.before = draft, part, part.of(draft.formulaire)

    @property
    def formulaire(self) -> Formulaire:
        """Return the edited part as a form."""
        return self.part.of(self.draft.formulaire)

    @property
    def champs(self) -> list[Champ]:
        """Return the champs of the edited part."""
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


@contextmanager
def editing_of(procedure: Procedure, part: Part) -> Iterator[Editing]:
    """Hold the draft's row lock, making the draft first where there is none."""
    with transaction.atomic():
        yield Editing(revisions.draft_of(procedure, lock=True), part)


def find(formulaire: Formulaire, champ_id: str) -> tuple[int, Champ]:
    """Return the place and the champ of this id. Raises ChampNotFound."""
    for position, champ in enumerate(formulaire.champs):
        if champ.id == champ_id:
            return position, champ
    raise ChampNotFound("Ce champ n’existe plus dans le formulaire.")


def with_room(editing: Editing, count: int = 1) -> list[Champ]:
    """Return the champs, to which `count` may be added. Raises FormulaireIsFull."""
    if len(editing.champs) + count > editing.part.champs_max:
        raise FormulaireIsFull(
            f"Un formulaire compte au plus {editing.part.champs_max} champs. "
            "Supprimez-en un pour continuer."
        )
    return list(editing.champs)


def inside(editing: Editing, champ: Champ) -> list[Champ]:
    """Return the champs of a bloc, none for another champ."""
    return editing.formulaire.champs_of(champ) if champ.is_bloc else []


def insert(editing: Editing, new: list[Champ], *, after: str | None) -> None:
    """Put new champs after a mark of the order, at the end where there is none such."""
    champs = with_room(editing, len(new))
    marks = marks_of(champs)
    place = marks.index(after) + 1 if after in marks else len(marks)
    marks[place:place] = marks_of(new)
    editing.replace(champs_in_order([*champs, *new], marks))
