"""Champs answered by a place: chosen among suggestions, or typed freely.

A chosen place is kept with its codes, which come from the signed suggestion; a free entry is a
text alone.
"""

from typing import Any, ClassVar, Literal

from django import forms
from django.urls import reverse_lazy
from django.utils.html import format_html
from pydantic import JsonValue

from geographie.suggestions import ADRESSES, COMMUNES, Source, commune_label
from procedures.champs.base import Champ
from procedures.champs.texte import TexteCharField
from procedures.conditions.comparaison import OF_PRESENCE

LIEU_MAX = 300


class LieuInput(forms.TextInput):
    """A text with the token of the suggestion it came from; see static/js/suggestions.js.

    Its value is the text alone, or the text and a token that is really that text's.
    """

    def __init__(self, source: Source, url: str):
        super().__init__({"data-tps-suggestions": url, "spellcheck": "false"})
        self.source = source

    def value_from_datadict(self, data, files, name):
        text, jeton = data.get(name), data.get(f"{name}_jeton") or ""
        is_chosen = isinstance(text, str) and self.source.read(jeton, text) is not None
        return [text, jeton] if is_chosen else text

    def render(self, name, value, attrs=None, renderer=None):
        # What was refused by another type of champ may come as a list of any length.
        text, jeton = (*value, "", "")[:2] if isinstance(value, list | tuple) else (value, "")
        return format_html(
            '<div class="tps-suggestions">{}<input type="hidden" name="{}_jeton" value="{}"></div>',
            super().render(name, text, attrs, renderer),
            name,
            jeton,
        )


class LieuField(TexteCharField):
    """A place; its value is the chosen suggestion, a text typed freely, or an empty text."""

    def __init__(self, source: Source, **kwargs):
        super().__init__(**kwargs)
        self.source = source

    def clean(self, value):
        text, jeton = value if isinstance(value, list) and len(value) == 2 else (value, "")
        text = super().clean(text)
        return (self.source.read(jeton, text) if text else None) or text


class ChampOfLieu(Champ):
    """What the champs answered by a place share; `main_key` holds a free entry."""

    group: ClassVar[str] = "Coordonnées"
    operators = OF_PRESENCE
    source: ClassVar[Source]
    url_name: ClassVar[str]
    hint: ClassVar[str]
    main_key: ClassVar[str]
    # Key in the answer, and what an export calls it.
    details: ClassVar[dict[str, str]]

    def form_field(self) -> forms.Field:
        options = self.field_options(
            hint=self.hint,
            max_length=f"Raccourcissez cette réponse : {LIEU_MAX} caractères au plus.",
        )
        widget = LieuInput(self.source, reverse_lazy(self.url_name))
        return LieuField(self.source, **options, max_length=LIEU_MAX, widget=widget)

    def to_stored(self, cleaned: Any) -> JsonValue:
        if isinstance(cleaned, str):
            return {self.main_key: cleaned} if cleaned else None
        return cleaned or None

    def to_initial(self, stored: JsonValue) -> Any:
        if not stored:
            return None
        if not self.is_chosen(stored):
            return stored[self.main_key]
        return [self.source.label(stored), self.source.sign(stored)]

    def is_chosen(self, stored: JsonValue) -> bool:
        """Tell whether the place came from a suggestion: a free entry has nothing but a text."""
        return bool(stored) and len(stored) > 1

    def to_link(self, stored: JsonValue) -> list[str]:
        """Return the text alone: nobody may write the codes of a suggestion."""
        return [stored[self.main_key]] if stored else []

    def column_parts(self) -> dict[str, str]:
        return self.details

    def export_columns(self) -> list[str]:
        return [self.label, *(f"{self.label} ({name})" for name in self.details.values())]

    def export_values(self, stored: JsonValue) -> list[Any]:
        answer = stored or {}
        return [answer.get(key) for key in (self.main_key, *self.details)]

    def api_value(self, stored: JsonValue) -> JsonValue:
        if not stored:
            return None
        return {key: stored.get(key) for key in (self.main_key, *self.details)}


class AdresseChamp(ChampOfLieu):
    """A postal address, suggested by the Base Adresse Nationale."""

    name = "Adresse"
    description = "Une adresse postale, suggérée pendant la saisie"
    icon = "fr-icon-road-map-line"
    default_label = "Adresse"
    source = ADRESSES
    url_name = "geographie:adresse_list"
    hint = "Par exemple : 12 rue Nationale, 59000 Lille."
    main_key = "label"
    column_path = ("label",)
    details = {
        "numero": "numéro",
        "voie": "voie",
        "code_postal": "code postal",
        "commune": "commune",
        "code_insee": "code INSEE",
        "departement": "département",
        "lon": "longitude",
        "lat": "latitude",
    }
    type: Literal["adresse"] = "adresse"

    def display(self, stored: JsonValue) -> str:
        return stored["label"] if stored else ""

    def sample(self) -> str:
        return "12 Rue Nationale 59000 Lille"


class CommuneChamp(ChampOfLieu):
    """A commune with its codes; one that no official list confirmed is said to be so."""

    name = "Commune"
    description = "Une commune, avec son code postal et son code INSEE"
    icon = "fr-icon-community-line"
    default_label = "Commune"
    source = COMMUNES
    url_name = "geographie:commune_list"
    hint = "Nom ou code postal, par exemple : Lille ou 59000."
    main_key = "nom"
    column_path = ("nom",)
    details = {"code": "code INSEE", "code_postal": "code postal", "departement": "département"}
    type: Literal["commune"] = "commune"

    def display(self, stored: JsonValue) -> str:
        if not stored:
            return ""
        return commune_label(stored) if self.is_chosen(stored) else f"{stored['nom']} (à vérifier)"

    def search_text(self, stored: JsonValue) -> str:
        return f"{stored['nom']} {stored.get('code_postal', '')}".strip() if stored else ""

    def sample(self) -> str:
        return "Lille (59000)"
