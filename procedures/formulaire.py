"""The document of a form: what a revision holds."""

import math
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from procedures.champs import AnyChamp, Champ
from procedures.conditions.regle import Ineligibilite
from procedures.enums import (
    ANNOTATIONS_MAX,
    CHAMPS_MAX,
    INELIGIBILITES_MAX,
    READING_WORDS_PER_MINUTE,
)


class Formulaire(BaseModel):
    """Ordered champs whose ids are all different, and the rules of ineligibility.

    The champs of a bloc répétable stand right after it. `annotations` are champs too, which
    only accompagnateurs see and fill in: whatever reads `champs` alone never shows them.
    """

    model_config = ConfigDict(extra="forbid", ignored_types=(cached_property,))

    version: Literal[1] = 1
    champs: list[AnyChamp] = Field(default_factory=list, max_length=CHAMPS_MAX)
    ineligibilites: list[Ineligibilite] = Field(default_factory=list, max_length=INELIGIBILITES_MAX)
    annotations: list[AnyChamp] = Field(default_factory=list, max_length=ANNOTATIONS_MAX)

    @model_validator(mode="after")
    def check_ids(self) -> "Formulaire":
        """Refuse two champs with one id."""
        ids = [champ.id for champ in (*self.champs, *self.annotations)]
        if len(set(ids)) != len(ids):
            raise ValueError("Deux champs portent le même identifiant.")
        return self

    @model_validator(mode="after")
    def check_blocs(self) -> "Formulaire":
        """Refuse a champ that does not stand in the bloc it names."""
        _check_blocs(self.champs)
        _check_blocs(self.annotations)
        return self

    @cached_property
    def by_id(self) -> dict[str, Champ]:
        """Return the champs by id."""
        return {champ.id: champ for champ in self.champs}

    @cached_property
    def of_annotations(self) -> "Formulaire":
        """Return the annotations privées as a form of their own."""
        return Formulaire(champs=self.annotations)

    def changed(self, **changes) -> "Formulaire":
        """Return a checked copy of which some parts are replaced. Raises pydantic's error."""
        parts = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self)(**parts | changes)

    def champs_of(self, bloc: Champ) -> list[Champ]:
        """Return the champs that a row of `bloc` holds."""
        return [champ for champ in self.champs if champ.bloc == bloc.id]

    def sections(self) -> Iterator[tuple[Champ | None, list[Champ]]]:
        """Yield each section as its title (None before the first title) and its champs."""
        return sections_of_champs(self.champs)

    def answerable(self) -> list[Champ]:
        """Return the champs that take an answer or files."""
        return [champ for champ in self.champs if champ.holds_answer or champ.holds_files]

    @property
    def minutes(self) -> int:
        """Return about how long the form takes, in minutes; beyond ten, by steps of five.

        The time of each type of answer, and of reading what is written. What is asked on a
        condition counts for half; a bloc for one row.
        """
        seconds = sum(_seconds_of(champ) * (0.5 if champ.condition else 1) for champ in self.champs)
        minutes = max(1, math.ceil(seconds / 60))
        return minutes if minutes <= 10 else 5 * math.ceil(minutes / 5)


def _check_blocs(champs: Sequence[Champ]) -> None:
    current = None
    for champ in champs:
        if champ.is_bloc:
            current = champ.id
        elif champ.bloc is None:
            current = None
        elif champ.bloc != current or champ.is_section:
            raise ValueError(f"Le champ « {champ.label} » n’est pas à sa place dans son bloc.")


def sections_of_champs(champs: Sequence[Champ]) -> Iterator[tuple[Champ | None, list[Champ]]]:
    """Yield the sections of `champs`: a title of level 1 opens one."""
    title, inside = None, []
    for champ in champs:
        if champ.is_section and champ.level == 1:
            if title is not None or inside:
                yield title, inside
            title, inside = champ, []
        else:
            inside.append(champ)
    if title is not None or inside:
        yield title, inside


def _seconds_of(champ: Champ) -> float:
    words = len(f"{champ.label} {champ.help_text} {getattr(champ, 'text', '')}".split())
    return champ.seconds + 60 * words / READING_WORDS_PER_MINUTE
