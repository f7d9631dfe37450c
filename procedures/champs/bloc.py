"""The bloc répétable: a group of champs that an usager fills in as often as needed."""

import re
from typing import Any, Literal

from django import forms
from pydantic import Field, JsonValue, model_validator

from procedures.champs.base import Champ, IntituleField
from procedures.champs.colonne import ColumnKind
from procedures.conditions.comparaison import OF_PRESENCE, Comparable

ROWS_MAX = 100
ROW_LABEL_MAX = 60
# Between the id of a champ and that of its row, in the id of the champ as a dossier has it.
ROW_SEPARATOR = "-"
_ROW_ID = re.compile(r"[a-z0-9]{1,16}")


class BlocRepetableChamp(Champ):
    """A bloc: the champs after it whose `bloc` is its id make one row, repeated at will.

    Its own answer is the ordered list of the ids of its rows; the answers of a row are kept
    beside it, under the ids that `procedures.questionnaire` gives to the champs of that row.
    """

    name = "Bloc répétable"
    description = "Des champs à remplir plusieurs fois : des dépenses, des partenaires"
    icon = "fr-icon-stack-line"
    group = "Mise en forme"
    default_label = "Nouveau bloc"
    holds_answer = False
    is_prefillable = False
    is_bloc = True
    operators = OF_PRESENCE
    comparison_kind = "bloc"
    column_kind = ColumnKind.PRESENCE
    seconds = 0
    template_name = "procedures/champs/bloc_repetable.html"
    type: Literal["bloc_repetable"] = "bloc_repetable"
    row_label: str = Field(default="Élément", min_length=1, max_length=ROW_LABEL_MAX)
    rows_max: int = Field(default=ROWS_MAX, ge=1, le=ROWS_MAX)

    @model_validator(mode="after")
    def check_alone(self):
        """Refuse a bloc within a bloc."""
        if self.bloc is not None:
            raise ValueError("Un bloc répétable ne se met pas dans un autre bloc.")
        return self

    @classmethod
    def property_fields(cls) -> dict[str, forms.Field]:
        fields = super().property_fields()
        fields["required"].label = "Au moins une ligne est obligatoire"
        return fields | {
            "row_label": IntituleField(
                label="Nom d’une ligne",
                help_text="Au singulier, par exemple « Dépense » : l’usager lira « Dépense 1 ».",
                max_length=ROW_LABEL_MAX,
                error_messages={"required": "Donnez un nom aux lignes de ce bloc."},
            ),
            "rows_max": forms.IntegerField(
                label="Nombre de lignes au plus",
                min_value=1,
                max_value=ROWS_MAX,
                widget=forms.TextInput({"inputmode": "numeric"}),
                error_messages={"required": f"Donnez un nombre de lignes, de 1 à {ROWS_MAX}."},
            ),
        }

    def row_ids(self, stored: JsonValue) -> list[str]:
        """Return the ids of the rows of a stored answer, whatever it holds."""
        if not isinstance(stored, list):
            return []
        texts = (row for row in stored if isinstance(row, str) and _ROW_ID.fullmatch(row))
        return list(dict.fromkeys(texts))[: self.rows_max]

    def comparable(self, stored: JsonValue) -> Comparable | None:
        return frozenset(self.row_ids(stored)) or None

    def display(self, stored: JsonValue) -> str:
        count = len(self.row_ids(stored))
        return f"{count} ligne{'s' if count > 1 else ''}" if count else ""

    def export_values(self, stored: JsonValue) -> list[Any]:
        return [len(self.row_ids(stored))]

    def search_text(self, stored: JsonValue) -> str:
        return ""

    def sample(self) -> str:
        return f"{self.row_label} 1"


def row_label_of(label: str) -> str:
    """Return what a row is called in a bloc of that label: « Dépenses » has a « Dépense ».

    A label of several words says nothing certain: the default stays.
    """
    is_plural = label.endswith("s") and not label.endswith("ss")
    if label.isalpha() and is_plural and 3 < len(label) <= ROW_LABEL_MAX:
        return label.removesuffix("s")
    return BlocRepetableChamp.model_fields["row_label"].default


def champ_of_row(champ: Champ, row_id: str) -> Champ:
    """Return `champ` as one row of its bloc has it: the same, under an id of its own."""
    return champ.model_copy(update={"id": f"{champ.id}{ROW_SEPARATOR}{row_id}"})


def base_id(key: str) -> str:
    """Return the id, in the form, of the champ that a dossier knows as `key`."""
    return key.partition(ROW_SEPARATOR)[0]
