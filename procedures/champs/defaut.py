"""A default value: the answer that a dossier begins with."""

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from pydantic import JsonValue, model_validator

from commun.forms import LongSelect
from procedures.champs.base import Champ

LABEL = "Valeur par défaut"
NOT_ACCEPTED = "La valeur par défaut n’est plus une réponse acceptée : changez-la ou retirez-la."


class ChampWithDefault(Champ):
    """A champ whose answer may be there when a dossier begins; `default` is a stored form."""

    default: JsonValue = None

    @classmethod
    def property_fields(cls) -> dict[str, forms.Field]:
        return super().property_fields() | {"default": forms.Field(label=LABEL, required=False)}

    def own_property_fields(self) -> dict[str, forms.Field]:
        return super().own_property_fields() | {"default": self.default_field()}

    def property_values(self) -> dict[str, Any]:
        return super().property_values() | {"default": self.to_initial(self.default)}

    def read_properties(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        if "default" not in cleaned:
            return cleaned
        return cleaned | {"default": self.to_stored(cleaned["default"])}

    def default_field(self) -> forms.Field:
        """Return the field by which an administrateur sets the default value: the champ’s own."""
        field = self.form_field()
        field.required, field.label = False, LABEL
        field.help_text = "Facultatif. La réponse déjà écrite quand un dossier commence."
        field.widget.attrs.pop("data-tps-counter", None)
        if isinstance(field.widget, forms.RadioSelect | LongSelect):
            # A radio button pressed cannot be released.
            choices = [(value, label) for value, label in field.choices if value]
            field.widget = LongSelect(choices=[("", "Aucune"), *choices])
        return field

    @model_validator(mode="after")
    def check_default(self):
        """Refuse a default value that no usager could answer."""
        if self.default is not None and not self.may_read_default():
            raise ValueError(NOT_ACCEPTED)
        return self

    def may_read_default(self) -> bool:
        """Tell whether the document may hold this default value."""
        return self.accepts(self.default)

    def accepts(self, stored: JsonValue) -> bool:
        """Tell whether `stored` is what an answer to this champ is stored as."""
        try:
            again = self.to_stored(self.default_field().clean(self.to_initial(stored)))
        except (ValidationError, ValueError, TypeError, ArithmeticError, AttributeError):
            return False
        return json.dumps(again) == json.dumps(stored)  # 1 is not True

    def initial_answer(self) -> JsonValue:
        is_given = self.default is not None and self.accepts(self.default)
        return self.default if is_given else None
