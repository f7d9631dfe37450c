"""Champs answered from an official list: département, région, pays, civilité."""

import re
from typing import Any, ClassVar, Literal

from django import forms
from pydantic import JsonValue

from commun.forms import SearchableSelect
from procedures import referentiels
from procedures.champs.colonne import ColumnKind
from procedures.champs.defaut import NOT_ACCEPTED, ChampWithDefault
from procedures.conditions.comparaison import OF_CHOICE, Comparable

_CODE = re.compile(r"[0-9A-Z]{1,3}")


class ChampOfOfficialList(ChampWithDefault):
    """One entry of an official list; its code is stored, its name is shown."""

    group: ClassVar[str] = "Coordonnées"
    shows_code: ClassVar[bool] = False
    operators = OF_CHOICE
    comparison_kind = "choice"
    column_kind = ColumnKind.CHOICE

    def comparable(self, stored: JsonValue) -> Comparable | None:
        return None if stored is None else str(stored)

    def read_operand(self, text: str) -> Comparable:
        if text not in self.entries():
            raise ValueError(text)
        return text

    def operand_choices(self) -> list[tuple[str, str]]:
        return [(code, self._label(code)) for code in self.entries()]

    @classmethod
    def entries(cls) -> dict[str, str]:
        """Return the names by code, in the order of the list."""
        raise NotImplementedError

    def form_field(self) -> forms.Field:
        choices = [(code, self._label(code)) for code in self.entries()]
        return forms.ChoiceField(
            **self.field_options(
                required="Choisissez une réponse dans la liste.",
                invalid_choice="Choisissez une réponse dans la liste.",
            ),
            choices=[("", "Sélectionnez dans la liste"), *choices],
            widget=SearchableSelect,
        )

    def may_read_default(self) -> bool:
        # A published form stays readable when its code leaves the list.
        return isinstance(self.default, str) and _CODE.fullmatch(self.default) is not None

    def missing_before_publication(self) -> str:
        return "" if self.default is None or self.accepts(self.default) else NOT_ACCEPTED

    def display(self, stored: JsonValue) -> str:
        return "" if stored is None else self._label(str(stored))

    def export_columns(self) -> list[str]:
        return [self.label, f"{self.label} (code)"]

    def export_values(self, stored: JsonValue) -> list[Any]:
        return [None, None] if stored is None else [self._name(str(stored)), stored]

    def api_value(self, stored: JsonValue) -> JsonValue:
        return None if stored is None else {"code": stored, "nom": self._name(str(stored))}

    def sample(self) -> str:
        return self._label(next(iter(self.entries())))

    def _name(self, code: str) -> str:
        """Return the name of `code`; a code that left the list since stays readable."""
        return self.entries().get(code, code)

    def _label(self, code: str) -> str:
        name = self._name(code)
        return f"{code} – {name}" if self.shows_code and name != code else name


class DepartementChamp(ChampOfOfficialList):
    """A département, by its INSEE code."""

    name = "Département"
    description = "Un département français, métropole et outre-mer"
    icon = "fr-icon-map-pin-2-line"
    shows_code = True
    type: Literal["departement"] = "departement"

    @classmethod
    def entries(cls) -> dict[str, str]:
        return referentiels.DEPARTEMENTS


class RegionChamp(ChampOfOfficialList):
    """A région, by its INSEE code."""

    name = "Région"
    description = "Une région française, métropole et outre-mer"
    icon = "fr-icon-france-line"
    type: Literal["region"] = "region"

    @classmethod
    def entries(cls) -> dict[str, str]:
        return referentiels.regions_by_name()


class PaysChamp(ChampOfOfficialList):
    """A country, by its ISO 3166-1 alpha-2 code."""

    name = "Pays"
    description = "Un pays du monde"
    icon = "fr-icon-global-line"
    type: Literal["pays"] = "pays"

    @classmethod
    def entries(cls) -> dict[str, str]:
        return referentiels.pays()
