"""Champs answered by choosing."""

from typing import Any, Literal

from django import forms
from django.core.exceptions import ValidationError
from pydantic import Field, JsonValue, field_validator, model_validator

from commun.forms import FilterableCheckboxes, LongSelect, SearchableSelect
from commun.text import fold
from procedures.champs.autre import (
    AUTRE,
    AUTRE_KEY,
    ChoiceWithAutreField,
    MultipleChoiceWithAutreField,
    autre_of,
    with_autre,
)
from procedures.champs.base import Champ
from procedures.champs.colonne import ColumnKind
from procedures.champs.defaut import ChampWithDefault
from procedures.conditions.comparaison import (
    OF_BOOLEAN,
    OF_CHOICE,
    OF_CHOICES,
    OF_TICK,
    Comparable,
)
from procedures.enums import OPTIONS_SHOWN_AS_LIST, OPTIONS_SHOWN_AS_RADIO

OPTIONS_MAX = 500
OPTION_LENGTH_MAX = 300


class CaseACocherChamp(Champ):
    """A box to tick; required means that it must be ticked."""

    name = "Case à cocher"
    description = "Une case seule ; obligatoire, elle doit être cochée"
    icon = "fr-icon-check-line"
    group = "Choix"
    operators = OF_TICK
    comparison_kind = "tick"
    column_kind = ColumnKind.TICK
    seconds = 5
    type: Literal["case_a_cocher"] = "case_a_cocher"

    def comparable(self, stored: JsonValue) -> Comparable | None:
        return bool(stored)

    def read_operand(self, text: str) -> Comparable:
        return _read_oui_non(text)

    def operand_choices(self) -> list[tuple[str, str]]:
        return [("oui", "cochée"), ("non", "non cochée")]

    def form_field(self) -> forms.Field:
        return forms.BooleanField(
            **self.field_options(required="Cochez cette case pour continuer."),
        )

    def to_stored(self, cleaned: bool | None) -> JsonValue:
        return True if cleaned else None

    def from_link(self, values: list[str]) -> JsonValue:
        return _read_link_boolean(values) or None

    def to_link(self, stored: JsonValue) -> list[str]:
        return ["true"] if stored else []

    def display(self, stored: JsonValue) -> str:
        return "Oui" if stored else ""

    def search_text(self, stored: JsonValue) -> str:
        return ""

    def sample(self) -> str:
        return "Oui"


class OuiNonChamp(ChampWithDefault):
    """A question answered by yes or no."""

    name = "Oui / non"
    description = "Une question à laquelle on répond par oui ou par non"
    icon = "fr-icon-checkbox-circle-line"
    group = "Choix"
    operators = OF_BOOLEAN
    comparison_kind = "oui_non"
    column_kind = ColumnKind.BOOLEAN
    seconds = 5
    type: Literal["oui_non"] = "oui_non"

    def comparable(self, stored: JsonValue) -> Comparable | None:
        return None if stored is None else bool(stored)

    def read_operand(self, text: str) -> Comparable:
        return _read_oui_non(text)

    def operand_choices(self) -> list[tuple[str, str]]:
        return [("oui", "Oui"), ("non", "Non")]

    def form_field(self) -> forms.Field:
        return forms.TypedChoiceField(
            **self.field_options(
                required="Choisissez oui ou non.", invalid_choice="Choisissez oui ou non."
            ),
            choices=[("oui", "Oui"), ("non", "Non")],
            coerce=lambda value: value == "oui",
            empty_value=None,
            widget=forms.RadioSelect,
        )

    def to_initial(self, stored: JsonValue) -> Any:
        return None if stored is None else ("oui" if stored else "non")

    def from_link(self, values: list[str]) -> JsonValue:
        return _read_link_boolean(values)

    def to_link(self, stored: JsonValue) -> list[str]:
        return [] if stored is None else ["true" if stored else "false"]

    def display(self, stored: JsonValue) -> str:
        return "" if stored is None else ("Oui" if stored else "Non")

    def search_text(self, stored: JsonValue) -> str:
        return ""

    def sample(self) -> str:
        return "Oui"


def _read_oui_non(text: str) -> bool:
    if text not in ("oui", "non"):
        raise ValueError(text)
    return text == "oui"


def _read_link_boolean(values: list[str]) -> bool:
    if values not in (["true"], ["false"]):
        raise ValidationError("Écrivez « true » ou « false ».", code="invalid")
    return values == ["true"]


class OptionsField(forms.CharField):
    """Options typed or pasted one per line; its value is the list of them, which may be empty.

    None is enough for a while: publication, not the builder, asks for two.
    """

    widget = forms.Textarea

    def validate(self, value):
        pass

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value):
        lines = (line.strip() for line in super().clean(value).splitlines())
        return list(dict.fromkeys(line for line in lines if line))


class ChampWithOptions(Champ):
    """What both kinds of choice share: their list of options."""

    options: list[str] = Field(default_factory=list, max_length=OPTIONS_MAX)
    autre: bool = False

    def read_operand(self, text: str) -> Comparable:
        if text not in dict(self.choices()):
            raise ValueError(text)
        return text

    def operand_choices(self) -> list[tuple[str, str]]:
        return self.choices()

    @field_validator("options")
    @classmethod
    def check_options(cls, options: list[str]) -> list[str]:
        """Refuse empty, too long and repeated options."""
        if any(not option or len(option) > OPTION_LENGTH_MAX for option in options):
            raise ValueError(f"Une option compte de 1 à {OPTION_LENGTH_MAX} caractères.")
        if len(set(options)) != len(options):
            raise ValueError("Deux options portent le même nom.")
        return options

    @classmethod
    def property_fields(cls) -> dict[str, forms.Field]:
        return super().property_fields() | {
            "options": OptionsField(
                label="Options",
                help_text="Une par ligne. Vous pouvez coller une liste.",
                widget=forms.Textarea({"rows": 6}),
            ),
            "autre": forms.BooleanField(
                label="Proposer « Autre »",
                help_text="L’usager qui choisit « Autre » écrit sa réponse.",
                required=False,
            ),
        }

    @model_validator(mode="after")
    def check_autre(self):
        """Refuse an option that would read like « Autre »."""
        if self.autre and fold(AUTRE) in map(fold, self.options):
            raise ValueError("« Autre » est déjà proposé : retirez-le de la liste des options.")
        return self

    def missing_before_publication(self) -> str:
        return "" if len(self.options) >= 2 else "Donnez au moins deux options."

    def choices(self) -> list[tuple[str, str]]:
        """Return what the form field proposes."""
        options = [*self.options, AUTRE] if self.autre else self.options
        return [(option, option) for option in options]

    def widget_for(self, widget_class: type[forms.Widget]) -> type[forms.Widget]:
        """Return the widget that also asks for the text of « Autre », where it is proposed."""
        return with_autre(widget_class) if self.autre else widget_class

    def to_link(self, stored: JsonValue) -> list[str]:
        if stored is None:
            return []
        values = self.to_initial(stored)
        return [str(value) for value in values] if isinstance(values, list) else [str(values)]

    def export_values(self, stored: JsonValue) -> list[Any]:
        return [self.display(stored) or None]

    def search_text(self, stored: JsonValue) -> str:
        answers = stored if isinstance(stored, list) else [stored]
        return ", ".join(autre_of(answer) or str(answer) for answer in answers if answer)

    def sample(self) -> str:
        return self.options[0] if self.options else ""


def _compared(answer: JsonValue) -> str:
    return AUTRE if autre_of(answer) is not None else str(answer)


def _shown(answer: JsonValue) -> str:
    text = autre_of(answer)
    return str(answer) if text is None else f"{AUTRE} : {text}"


class ChoixUniqueChamp(ChampWithDefault, ChampWithOptions):
    """One option among several."""

    name = "Choix unique"
    description = "Une seule réponse dans une liste"
    icon = "fr-icon-list-unordered"
    group = "Choix"
    operators = OF_CHOICE
    comparison_kind = "choice"
    column_kind = ColumnKind.CHOICE
    seconds = 10
    type: Literal["choix_unique"] = "choix_unique"

    def comparable(self, stored: JsonValue) -> Comparable | None:
        return None if stored is None else _compared(stored)

    def form_field(self) -> forms.Field:
        choices = self.choices()
        if len(self.options) <= OPTIONS_SHOWN_AS_RADIO:
            widget = forms.RadioSelect
        else:
            is_long = len(self.options) > OPTIONS_SHOWN_AS_LIST
            widget = SearchableSelect if is_long else LongSelect
            choices.insert(0, ("", "Sélectionnez une option"))
        field_class = ChoiceWithAutreField if self.autre else forms.ChoiceField
        return field_class(
            **self.field_options(
                required="Choisissez une option.",
                invalid_choice="Choisissez une option de la liste.",
            ),
            choices=choices,
            widget=self.widget_for(widget),
        )

    def from_link(self, values: list[str]) -> JsonValue:
        """« Autre » is followed by its text."""
        if self.autre and len(values) == 2 and values[0] == AUTRE:
            return self.to_stored(self.form_field().clean(values))
        return super().from_link(values)

    def default_field(self) -> forms.Field:
        # One of the options: a text under « Autre » is the usager's own.
        return ChampWithDefault.default_field(self.model_copy(update={"autre": False}))

    def to_initial(self, stored: JsonValue) -> Any:
        text = autre_of(stored)
        return stored if text is None else [AUTRE, text]

    def display(self, stored: JsonValue) -> str:
        return "" if stored is None else _shown(stored)


def _counted(number: int) -> str:
    return f"{number} réponses" if number > 1 else "une réponse"


def _count_field(label: str) -> forms.Field:
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=1,
        max_value=OPTIONS_MAX,
        widget=forms.TextInput({"inputmode": "numeric"}),
    )


class ChoixMultipleChamp(ChampWithOptions):
    """Any number of options among several; stored in their order, « Autre » at the end."""

    name = "Choix multiple"
    description = "Plusieurs réponses dans une liste"
    icon = "fr-icon-list-check"
    group = "Choix"
    operators = OF_CHOICES
    comparison_kind = "choices"
    column_kind = ColumnKind.CHOICES
    link_values_max = OPTIONS_MAX
    takes_from = ("choix_unique",)
    type: Literal["choix_multiple"] = "choix_multiple"
    choices_min: int | None = Field(default=None, ge=1, le=OPTIONS_MAX)
    choices_max: int | None = Field(default=None, ge=1, le=OPTIONS_MAX)

    @classmethod
    def property_fields(cls) -> dict[str, forms.Field]:
        return super().property_fields() | {
            "choices_min": _count_field("Nombre de réponses au moins"),
            "choices_max": _count_field("Nombre de réponses au plus"),
        }

    @model_validator(mode="after")
    def check_counts(self):
        """Refuse numbers of choices that no answer has."""
        if None not in (self.choices_min, self.choices_max) and self.choices_min > self.choices_max:
            raise ValueError("Le nombre de réponses au moins dépasse le nombre au plus.")
        return self

    def missing_before_publication(self) -> str:
        too_many = self.choices_min is not None and self.choices_min > len(self.choices())
        missing = "Il y a moins d’options que de réponses demandées." if too_many else ""
        return super().missing_before_publication() or missing

    def comparable(self, stored: JsonValue) -> Comparable | None:
        return frozenset(map(_compared, stored)) if stored else None

    def form_field(self) -> forms.Field:
        is_long = len(self.options) > OPTIONS_SHOWN_AS_LIST
        field_class = MultipleChoiceWithAutreField if self.autre else forms.MultipleChoiceField
        return field_class(
            **self.field_options(
                hint=self._count_hint(),
                required="Choisissez au moins une option.",
                invalid_choice="Choisissez des options de la liste.",
                invalid_list="Choisissez des options de la liste.",
            ),
            choices=self.choices(),
            widget=self.widget_for(
                FilterableCheckboxes if is_long else forms.CheckboxSelectMultiple
            ),
            validators=[self._check_count],
        )

    def _check_count(self, answers: list) -> None:
        """Refuse too few or too many choices. Raises ValidationError."""
        count = len(set(map(str, answers)))
        if self.choices_min is not None and count < self.choices_min:
            raise ValidationError(f"Choisissez au moins {_counted(self.choices_min)}.")
        if self.choices_max is not None and count > self.choices_max:
            raise ValidationError(f"Choisissez au plus {_counted(self.choices_max)}.")

    def _count_hint(self) -> str:
        """Return how many choices are accepted, an empty string for any number."""
        least, most = self.choices_min, self.choices_max
        if None not in (least, most):
            if least == most:
                return f"{_counted(most).capitalize()}."
            return f"De {least} à {_counted(most)}."
        if least is not None:
            return f"{_counted(least).capitalize()} au moins."
        return "" if most is None else f"{_counted(most).capitalize()} au plus."

    def to_stored(self, cleaned: list | None) -> JsonValue:
        answers = cleaned or []
        chosen = {answer for answer in answers if isinstance(answer, str)}
        texts = [text for answer in answers if (text := autre_of(answer)) is not None]
        stored = [option for option in self.options if option in chosen]
        return [*stored, *({AUTRE_KEY: text} for text in texts[:1])] or None

    def to_initial(self, stored: JsonValue) -> Any:
        texts = [text for answer in stored or [] if (text := autre_of(answer)) is not None]
        if not texts:
            return stored
        return [AUTRE, texts[0], *(answer for answer in stored if autre_of(answer) is None)]

    def display(self, stored: JsonValue) -> str:
        return ", ".join(map(_shown, stored)) if stored else ""
