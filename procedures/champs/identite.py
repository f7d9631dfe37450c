"""Champs about a person: civilité, bank account, engagement."""

from typing import Any, Literal

from django import forms
from django.core.exceptions import ValidationError
from pydantic import JsonValue
from stdnum import iban
from stdnum.exceptions import InvalidChecksum
from stdnum.exceptions import ValidationError as StdnumError

from procedures.champs.base import Champ
from procedures.champs.choix import CaseACocherChamp
from procedures.champs.colonne import ColumnKind
from procedures.conditions.comparaison import OF_CHOICE, OF_PRESENCE, Comparable

CIVILITES = {"Mme": "Madame", "M.": "Monsieur"}


class CiviliteChamp(Champ):
    """How a person is addressed; stored as « Mme » or « M. »."""

    name = "Civilité"
    description = "Madame ou Monsieur"
    icon = "fr-icon-user-line"
    group = "Coordonnées"
    default_label = "Civilité"
    operators = OF_CHOICE
    comparison_kind = "choice"
    column_kind = ColumnKind.CHOICE
    seconds = 5
    type: Literal["civilite"] = "civilite"

    def comparable(self, stored: JsonValue) -> Comparable | None:
        return None if stored is None else str(stored)

    def read_operand(self, text: str) -> Comparable:
        if text not in CIVILITES:
            raise ValueError(text)
        return text

    def operand_choices(self) -> list[tuple[str, str]]:
        return list(CIVILITES.items())

    def form_field(self) -> forms.Field:
        return forms.ChoiceField(
            **self.field_options(
                required="Choisissez une civilité.", invalid_choice="Choisissez une civilité."
            ),
            choices=list(CIVILITES.items()),
            widget=forms.RadioSelect,
        )

    def display(self, stored: JsonValue) -> str:
        return "" if stored is None else CIVILITES.get(str(stored), str(stored))

    def export_values(self, stored: JsonValue) -> list[Any]:
        return [stored]

    def search_text(self, stored: JsonValue) -> str:
        return ""

    def sample(self) -> str:
        return "Madame"


class IbanField(forms.CharField):
    """An IBAN; its value is its letters and digits without spaces (ISO 13616)."""

    default_error_messages = {
        "format": "Saisissez un IBAN complet, par exemple FR76 3000 6000 0112 3456 7890 189.",
        "checksum": "Cet IBAN contient une erreur de frappe : vérifiez-le sur votre RIB.",
    }

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return ""
        try:
            return iban.validate(text)
        except InvalidChecksum:
            raise ValidationError(self.error_messages["checksum"], code="checksum") from None
        except StdnumError:
            raise ValidationError(self.error_messages["format"], code="format") from None


class IbanChamp(Champ):
    """A bank account, stored without spaces, shown by groups of four."""

    name = "IBAN"
    description = "Un compte bancaire, vérifié par sa clef"
    icon = "fr-icon-bank-line"
    group = "Coordonnées"
    operators = OF_PRESENCE
    seconds = 45
    type: Literal["iban"] = "iban"

    def form_field(self) -> forms.Field:
        return IbanField(
            **self.field_options(),
            max_length=60,
            widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
        )

    def to_initial(self, stored: JsonValue) -> Any:
        return self.display(stored)

    def display(self, stored: JsonValue) -> str:
        return "" if stored is None else iban.format(str(stored))

    def search_text(self, stored: JsonValue) -> str:
        return str(stored or "")

    def sample(self) -> str:
        return "FR76 3000 6000 0112 3456 7890 189"


class EngagementChamp(CaseACocherChamp):
    """A statement that must be ticked before the dossier is submitted."""

    name = "Engagement"
    description = "Une déclaration à cocher pour pouvoir soumettre le dossier"
    icon = "fr-icon-checkbox-line"
    default_label = "Je certifie l’exactitude des informations de ce dossier"
    # Nobody else may make a statement for the usager.
    is_prefillable = False
    type: Literal["engagement"] = "engagement"

    @classmethod
    def property_fields(cls) -> dict[str, forms.Field]:
        fields = super().property_fields()
        del fields["required"]
        return fields
