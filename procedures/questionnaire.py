"""A form as one dossier has it: the rows of its blocs unfolded, what its answers hide hidden."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from pydantic import JsonValue

from procedures.champs import Champ, base_id, champ_of_row
from procedures.champs.bloc import ROW_SEPARATOR
from procedures.conditions.regle import Condition, Ineligibilite, Mode, Regle
from procedures.formulaire import Formulaire


@dataclass(frozen=True)
class Row:
    """One row of a bloc répétable: its champs carry ids of their own."""

    bloc: Champ
    id: str
    number: int
    champs: list[Champ]

    @property
    def label(self) -> str:
        """Return what the row is called: `Dépense 2`."""
        return f"{self.bloc.row_label} {self.number}"


class Questionnaire:
    """The champs of a form in the face of some answers.

    `reponses` are stored answers by champ id, that of a row being `<champ>-<row>`. Hidden
    champs are those whose condition, or that of their section or bloc, does not hold; a hidden
    answer counts as none for the conditions that follow.
    """

    def __init__(self, formulaire: Formulaire, reponses: Mapping[str, JsonValue]):
        self.formulaire = formulaire
        self.reponses = reponses

    @cached_property
    def rows(self) -> dict[str, list[Row]]:
        """Return the rows of each bloc, by its id."""
        return {
            bloc.id: [
                Row(bloc, row_id, number, [champ_of_row(champ, row_id) for champ in inside])
                for number, row_id in enumerate(bloc.row_ids(self.reponses.get(bloc.id)), start=1)
            ]
            for bloc in self.formulaire.champs
            if bloc.is_bloc
            for inside in [self.formulaire.champs_of(bloc)]
        }

    @cached_property
    def champs(self) -> list[Champ]:
        """Return every champ in order, each bloc followed by those of its rows."""
        champs = []
        for champ in self.formulaire.champs:
            if champ.bloc is None:
                champs.append(champ)
            for row in self.rows.get(champ.id, []):
                champs.extend(row.champs)
        return champs

    @cached_property
    def by_id(self) -> dict[str, Champ]:
        """Return the champs of the dossier by their ids."""
        return {champ.id: champ for champ in self.champs}

    @cached_property
    def hidden(self) -> frozenset[str]:
        """Return the ids of the champs that are not asked."""
        if not any(champ.condition for champ in self.formulaire.champs):
            return frozenset()
        hidden: set[str] = set()
        for champ, conditions in self._with_conditions():
            if not all(self._holds(condition, champ, hidden) for condition in conditions):
                hidden.add(champ.id)
        return frozenset(hidden)

    @property
    def visible(self) -> list[Champ]:
        """Return the champs that are shown, in order."""
        return [champ for champ in self.champs if champ.id not in self.hidden]

    @cached_property
    def conditions(self) -> dict[str, list[Condition]]:
        """Return the conditions that must all hold for a champ to be shown, where it has some.

        They name the champs as the dossier does, so that a browser may evaluate them.
        """
        return {
            champ.id: [self._resolved(condition, champ) for condition in conditions]
            for champ, conditions in self._with_conditions()
            if conditions
        }

    def ineligibilites(self) -> list[Ineligibilite]:
        """Return the rules by which these answers make the dossier ineligible."""
        return [
            rule
            for rule in self.formulaire.ineligibilites
            if self._holds(rule.condition, None, self.hidden)
        ]

    def holds(self, condition: Condition) -> bool:
        """Tell whether a condition that is no champ's own, a rule of routing, holds."""
        return self._holds(condition, None, self.hidden)

    def kept(self) -> dict[str, JsonValue]:
        """Return the answers without those of hidden champs and of removed rows.

        Answers to champs that the form no longer has are kept.
        """
        known = self.formulaire.by_id
        return {
            key: stored
            for key, stored in self.reponses.items()
            if key not in self.hidden and (key in self.by_id or base_id(key) not in known)
        }

    def _with_conditions(self) -> Iterator[tuple[Champ, list[Condition]]]:
        """Yield each champ with its condition, those of its titles and that of its bloc."""
        titles: list[Champ] = []
        for champ in self.champs:
            if champ.is_section:
                titles = [title for title in titles if title.level < champ.level]
            bloc = self.formulaire.by_id.get(champ.bloc) if champ.bloc else None
            sources = [*titles, *([bloc] if bloc else []), champ]
            yield champ, [source.condition for source in sources if source.condition]
            if champ.is_section:
                titles.append(champ)

    def _holds(self, condition: Condition, champ: Champ | None, hidden) -> bool:
        outcomes = (self._satisfied(regle, champ, hidden) for regle in condition.regles)
        return all(outcomes) if condition.mode == Mode.ALL else any(outcomes)

    def _satisfied(self, regle: Regle, champ: Champ | None, hidden) -> bool:
        key = self._key(regle.champ, champ)
        compared = self.formulaire.by_id.get(regle.champ)
        if compared is None:
            return False
        if key in hidden:
            return compared.satisfies_hidden(regle)
        return compared.satisfies(regle, self.reponses.get(key))

    def _key(self, champ_id: str, asking: Champ | None) -> str:
        """Return the id, in this dossier, of the champ that a rule of `asking` names."""
        compared = self.formulaire.by_id.get(champ_id)
        if asking is None or compared is None or not compared.bloc:
            return champ_id
        _, separator, row_id = asking.id.partition(ROW_SEPARATOR)
        return f"{champ_id}{separator}{row_id}"

    def _resolved(self, condition: Condition, champ: Champ) -> Condition:
        regles = [
            regle.model_copy(update={"champ": self._key(regle.champ, champ)})
            for regle in condition.regles
        ]
        return condition.model_copy(update={"regles": regles})


def initial_reponses(formulaire: Formulaire) -> dict[str, JsonValue]:
    """Return the answers that a dossier begins with.

    They are the default values, and one row of each required bloc.
    """
    return _first_reponses(formulaire, lambda bloc: bloc.required)


def preview_reponses(formulaire: Formulaire) -> dict[str, JsonValue]:
    """Return the answers of a preview: the default values, and one row of each bloc."""
    return _first_reponses(formulaire, lambda bloc: True)


def initial_reponses_of_row(
    formulaire: Formulaire, bloc: Champ, row_id: str
) -> dict[str, JsonValue]:
    """Return the answers that a new row of `bloc` begins with: its default values."""
    return {
        champ_of_row(champ, row_id).id: answer
        for champ in formulaire.champs_of(bloc)
        if (answer := champ.initial_answer()) is not None
    }


def _first_reponses(
    formulaire: Formulaire, has_row: Callable[[Champ], bool]
) -> dict[str, JsonValue]:
    reponses: dict[str, JsonValue] = {}
    for champ in formulaire.champs:
        if champ.is_bloc and has_row(champ):
            reponses |= {champ.id: ["1"]} | initial_reponses_of_row(formulaire, champ, "1")
        elif champ.bloc is None and (answer := champ.initial_answer()) is not None:
            reponses[champ.id] = answer
    return reponses
