"""The SIRET of a company, whose description comes with it."""

from typing import Any, Literal

from django import forms
from django.core.exceptions import ValidationError
from pydantic import JsonValue

from entreprise_api.enums import LookupState
from entreprise_api.models import Etablissement
from entreprise_api.siret import SiretError, format_siret, normalize_siret
from procedures.champs.contexte import ChampInContexte
from procedures.conditions.comparaison import OF_PRESENCE

UNKNOWN_SIRET = (
    "L’INSEE ne connaît aucun établissement qui porte ce numéro SIRET : vérifiez-le. "
    "Un établissement créé cette semaine peut ne pas y figurer encore."
)
# What an export says of the company beside its SIRET, by field of `Etablissement`.
_COLUMNS = {
    "name": "dénomination",
    "forme_juridique": "forme juridique",
    "naf_code": "code NAF",
    "naf_label": "activité",
    "adresse": "adresse",
    "code_postal": "code postal",
    "commune": "commune",
    "effectif": "effectif",
    "date_creation": "date de création",
}


class SiretField(forms.CharField):
    """A SIRET; its value is its 14 digits. One that INSEE said it does not know is refused."""

    def __init__(self, champ: "SiretChamp", **kwargs):
        super().__init__(**kwargs)
        self.champ = champ

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return ""
        try:
            number = normalize_siret(text)
        except SiretError as error:
            raise ValidationError(str(error), code=error.code) from None
        etablissement = self.champ.etablissement_of(number)
        if etablissement is not None and etablissement.state == LookupState.INTROUVABLE:
            raise ValidationError(UNKNOWN_SIRET, code="unknown")
        return number


class SiretChamp(ChampInContexte):
    """The SIRET of an établissement, stored as 14 digits; INSEE says which company it is."""

    name = "SIRET"
    description = "Le numéro d’un établissement, avec les informations de l’entreprise"
    icon = "fr-icon-building-line"
    group = "Coordonnées"
    operators = OF_PRESENCE
    cites_etablissement = True
    template_name = "procedures/champs/siret.html"
    type: Literal["siret"] = "siret"

    def form_field(self) -> forms.Field:
        widget = forms.TextInput({"inputmode": "numeric"})
        return SiretField(self, **self.field_options(), max_length=40, widget=widget)

    def siret_of(self, typed: Any) -> str:
        """Return the 14 digits of what was typed or stored, an empty string without them."""
        try:
            return normalize_siret(str(typed or ""))
        except SiretError:
            return ""

    def etablissement_of(self, answer: Any) -> Etablissement | None:
        """Return the company of a number, typed or stored, None while it was not looked up."""
        number = self.siret_of(answer)
        return self._contexte.etablissements.get(number) if self._contexte and number else None

    def to_initial(self, stored: JsonValue) -> Any:
        return self.display(stored)

    def display(self, stored: JsonValue) -> str:
        return format_siret(str(stored)) if stored is not None else ""

    def export_columns(self) -> list[str]:
        return [self.label, *(f"{self.label} ({name})" for name in _COLUMNS.values())]

    def export_values(self, stored: JsonValue) -> list[Any]:
        return [stored, *self._details(stored).values()]

    def api_value(self, stored: JsonValue) -> JsonValue:
        if stored is None:
            return None
        details = self._details(stored)
        if details["date_creation"]:
            details["date_creation"] = details["date_creation"].isoformat()
        return {"siret": stored, **details}

    def search_text(self, stored: JsonValue) -> str:
        return str(stored or "")

    def sample(self) -> str:
        return "130 025 265 00013"

    def _details(self, stored: JsonValue) -> dict[str, Any]:
        """Return what is known of the company, for those who instruct the dossier."""
        etablissement = self.etablissement_of(stored)
        if etablissement is None or not etablissement.is_complete:
            return dict.fromkeys(_COLUMNS)
        return {name: getattr(etablissement, name) or None for name in _COLUMNS}
