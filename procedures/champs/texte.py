"""Champs answered by free text, and by numbers of the telephone, email addresses."""

import re
from typing import Any, ClassVar, Literal

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from pydantic import Field, JsonValue, field_validator, model_validator

from procedures.champs.base import Champ
from procedures.champs.defaut import ChampWithDefault
from procedures.champs.expression import EXPRESSION_MAX, compile_expression, matches
from procedures.conditions.comparaison import OF_PRESENCE, OF_TEXT

TEXTE_COURT_MAX = 500
TEXTE_LONG_MAX = 20_000
PATTERN_MESSAGE_MAX = 300
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class TexteCharField(forms.CharField):
    """A text field that drops control characters (PostgreSQL refuses NUL in JSON).

    The browser is not told the length: it would cut what is pasted without a word.
    """

    def to_python(self, value):
        return super().to_python(_CONTROL.sub("", value) if isinstance(value, str) else value)

    def widget_attrs(self, widget):
        return {}


class ChampOfText(ChampWithDefault):
    """What texts share: a length the administrateur may set, counted as one types."""

    text_max: ClassVar[int]
    operators = OF_TEXT

    length_max: int | None = Field(default=None, ge=1)

    @classmethod
    def property_fields(cls) -> dict[str, forms.Field]:
        return super().property_fields() | {
            "length_max": forms.IntegerField(
                label="Nombre de caractères au plus",
                required=False,
                min_value=1,
                max_value=cls.text_max,
                widget=forms.TextInput({"inputmode": "numeric"}),
            )
        }

    @model_validator(mode="after")
    def check_length(self):
        """Refuse a length that no answer of this type may have."""
        if self.length_max is not None and self.length_max > self.text_max:
            raise ValueError(f"La réponse compte {self.text_max} caractères au plus.")
        return self

    def text_field(self, widget: forms.Widget) -> forms.Field:
        """Return the field for a text typed into `widget`."""
        limit = self.length_max or self.text_max
        options = self.field_options(
            hint="" if self.length_max is None else f"{limit} caractères au plus.",
            max_length=f"Raccourcissez ce texte : {limit} caractères au plus, il en a "
            "%(show_value)d.",
        )
        if self.length_max is not None:
            widget.attrs["data-tps-counter"] = str(limit)
        return TexteCharField(**options, max_length=limit, widget=widget)


class TexteCourtChamp(ChampOfText):
    """A line of text, of the form that a regular expression describes where there is one."""

    name = "Texte court"
    description = "Une ligne : un nom, un titre, une référence"
    icon = "fr-icon-pencil-line"
    group = "Texte"
    text_max = TEXTE_COURT_MAX
    takes_display = True
    type: Literal["texte_court"] = "texte_court"
    pattern: str = Field(default="", max_length=EXPRESSION_MAX)
    pattern_message: str = Field(default="", max_length=PATTERN_MESSAGE_MAX)

    @classmethod
    def property_fields(cls) -> dict[str, forms.Field]:
        return super().property_fields() | {
            "pattern": forms.CharField(
                label="Expression régulière",
                help_text="Toute la réponse doit y correspondre, par exemple [A-Z]{2}[0-9]{6}.",
                required=False,
                max_length=EXPRESSION_MAX,
                widget=forms.TextInput({"spellcheck": "false", "autocapitalize": "none"}),
            ),
            "pattern_message": forms.CharField(
                label="Message quand la réponse n’y correspond pas",
                help_text="Dites quoi saisir : « Deux lettres puis six chiffres. »",
                required=False,
                max_length=PATTERN_MESSAGE_MAX,
            ),
        }

    @field_validator("pattern")
    @classmethod
    def check_pattern(cls, pattern: str) -> str:
        """Refuse an expression that cannot be used."""
        if pattern:
            compile_expression(pattern)
        return pattern

    def form_field(self) -> forms.Field:
        field = self.text_field(forms.TextInput())
        if self.pattern:
            field.validators.append(self._check_answer)
        return field

    def _check_answer(self, answer: str) -> None:
        if not matches(self.pattern, answer):
            message = (
                self.pattern_message or "Corrigez cette réponse : elle n’a pas la forme voulue."
            )
            raise ValidationError(message, code="pattern")


class TexteLongChamp(ChampOfText):
    """Several lines of text."""

    name = "Texte long"
    description = "Plusieurs lignes : une description, une justification"
    icon = "fr-icon-file-text-line"
    group = "Texte"
    text_max = TEXTE_LONG_MAX
    seconds = 180
    takes_display = True
    type: Literal["texte_long"] = "texte_long"

    def form_field(self) -> forms.Field:
        return self.text_field(forms.Textarea({"rows": 5}))

    def sample(self) -> str:
        return "Un paragraphe écrit par l’usager."


class AdresseEmailChamp(Champ):
    """An email address."""

    name = "Adresse email"
    description = "Une adresse électronique vérifiée dans sa forme"
    icon = "fr-icon-mail-line"
    group = "Coordonnées"
    operators = OF_TEXT
    type: Literal["adresse_email"] = "adresse_email"

    def form_field(self) -> forms.Field:
        return forms.EmailField(
            **self.field_options(
                invalid="Saisissez une adresse email complète, par exemple nom@exemple.fr."
            ),
            max_length=254,
            widget=forms.EmailInput({"inputmode": "email", "autocomplete": "email"}),
        )

    def sample(self) -> str:
        return "camille.martin@exemple.fr"


class TelephoneField(forms.CharField):
    """A telephone number, French unless it starts with `+`; its value is in E.164."""

    default_error_messages = {
        "invalid": "Saisissez un numéro de téléphone valide, par exemple 06 12 34 56 78 "
        "ou +32 470 12 34 56.",
    }

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return ""
        try:
            number = phonenumbers.parse(text, "FR")
        except phonenumbers.NumberParseException:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None
        if not phonenumbers.is_possible_number(number) or not is_valid_somewhere(number):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_valid_somewhere(number: phonenumbers.PhoneNumber) -> bool:
    """Accept numbers of the overseas départements typed without their own prefix (0690…)."""
    if phonenumbers.is_valid_number(number):
        return True
    national = phonenumbers.national_significant_number(number)
    return any(
        phonenumbers.is_valid_number(phonenumbers.parse(f"0{national}", region))
        for region in ("GP", "GF", "MQ", "RE", "YT", "PM", "PF", "NC")
    )


class TelephoneChamp(Champ):
    """A telephone number, stored in E.164."""

    name = "Téléphone"
    description = "Un numéro de téléphone, en France ou à l’étranger"
    icon = "fr-icon-phone-line"
    group = "Coordonnées"
    operators = OF_PRESENCE
    type: Literal["telephone"] = "telephone"

    def form_field(self) -> forms.Field:
        return TelephoneField(
            **self.field_options(),
            max_length=40,
            widget=forms.TextInput({"type": "tel", "inputmode": "tel", "autocomplete": "tel"}),
        )

    def to_initial(self, stored: JsonValue) -> Any:
        return self.display(stored)

    def display(self, stored: JsonValue) -> str:
        if stored is None:
            return ""
        try:
            number = phonenumbers.parse(str(stored))
        except phonenumbers.NumberParseException:
            return str(stored)
        is_french = number.country_code == phonenumbers.country_code_for_region("FR")
        style = phonenumbers.PhoneNumberFormat
        return phonenumbers.format_number(
            number, style.NATIONAL if is_french else style.INTERNATIONAL
        )

    def search_text(self, stored: JsonValue) -> str:
        return f"{stored or ''} {self.display(stored).replace(' ', '')}"

    def sample(self) -> str:
        return "06 12 34 56 78"
