"""The document of a form: what a revision holds."""

from collections.abc import Iterator
from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from procedures.champs import AnyChamp, Champ
from procedures.enums import CHAMPS_MAX


class Formulaire(BaseModel):
    """An ordered list of champs whose ids are all different."""

    model_config = ConfigDict(extra="forbid", ignored_types=(cached_property,))

    version: Literal[1] = 1
    champs: list[AnyChamp] = Field(default_factory=list, max_length=CHAMPS_MAX)

    @model_validator(mode="after")
    def check_ids(self) -> "Formulaire":
        """Refuse two champs with one id."""
        ids = [champ.id for champ in self.champs]
        if len(set(ids)) != len(ids):
            raise ValueError("Deux champs portent le même identifiant.")
        return self

    @cached_property
    def by_id(self) -> dict[str, Champ]:
        """Return the champs by id."""
        return {champ.id: champ for champ in self.champs}

    def sections(self) -> Iterator[tuple[Champ | None, list[Champ]]]:
        """Yield each section as its title (None before the first title) and its champs."""
        title, champs = None, []
        for champ in self.champs:
            if champ.is_section:
                if title is not None or champs:
                    yield title, champs
                title, champs = champ, []
            else:
                champs.append(champ)
        if title is not None or champs:
            yield title, champs

    def answerable(self) -> list[Champ]:
        """Return the champs that take an answer or files."""
        return [champ for champ in self.champs if champ.holds_answer or champ.holds_files]
