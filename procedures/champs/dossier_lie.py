"""A link to another dossier of the same usager."""

import re
from typing import Any, Literal

from django import forms
from django.core.exceptions import ValidationError
from pydantic import Field, JsonValue

from commun.forms import DatalistInput, LongSelect
from procedures.champs.contexte import ChampInContexte, DossierLiable
from procedures.champs.texte import TexteCharField
from procedures.conditions.comparaison import OF_PRESENCE

SELECT_MAX = 20
SLUG_MAX = 80
CHOOSE = "Choisissez un de vos dossiers déposés."
_NUMBER = re.compile(r"\D*([0-9]{1,18})\b")
_SLUG = re.compile(r"(?:.*/commencer/)?([a-z0-9-]*)/?")


def number_in(text: Any) -> int | None:
    """Return the first number written in `text`: that of `nº 12 · Demande de subvention`."""
    found = _NUMBER.match(str(text or ""))
    return int(found[1]) if found and found[1].isascii() else None


class SlugField(forms.CharField):
    """The slug of a procédure, typed or within its address."""

    default_error_messages = {"invalid": "Collez l’adresse de la page de la procédure."}

    def clean(self, value):
        text = super().clean(value).partition("?")[0].partition("#")[0]
        found = _SLUG.fullmatch(text)
        if found is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return found[1]


class DossierLieField(TexteCharField):
    """A dossier among those offered; its value is its number."""

    def __init__(self, dossiers: list[DossierLiable], **kwargs):
        self.labels = {item.number: label_of(item) for item in dossiers}
        if len(dossiers) <= SELECT_MAX:
            choices = [("", "Sélectionnez un dossier"), *self.labels.items()]
            widget = LongSelect(choices=choices)
        else:
            widget = DatalistInput(list(self.labels.values()))
        super().__init__(widget=widget, **kwargs)
        self.is_list = isinstance(widget, DatalistInput)

    def prepare_value(self, value):
        return self.labels.get(number_in(value), value) if self.is_list else value

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return None
        number = number_in(text)
        if number not in self.labels:
            raise ValidationError(CHOOSE, code="invalid_choice")
        return number


def label_of(dossier: DossierLiable) -> str:
    """Write a dossier as the usager chooses it."""
    return f"nº {dossier.number} · {dossier.title} · déposé le {dossier.submitted_on:%d/%m/%Y}"


class DossierLieChamp(ChampInContexte):
    """One of the usager's own submitted dossiers, stored as its number."""

    name = "Lien vers un autre dossier"
    description = "Un dossier que l’usager a déjà déposé"
    icon = "fr-icon-links-line"
    group = "Coordonnées"
    default_label = "Autre dossier"
    operators = OF_PRESENCE
    links_dossier = True
    is_prefillable = False
    type: Literal["dossier_lie"] = "dossier_lie"
    # The slug of the procédure, of the same organisme, whose dossiers alone are offered.
    procedure_slug: str = Field(default="", max_length=SLUG_MAX, pattern=r"^[a-z0-9-]*$")

    @classmethod
    def property_fields(cls) -> dict[str, forms.Field]:
        return super().property_fields() | {
            "procedure_slug": SlugField(
                label="Seulement les dossiers de la procédure",
                help_text="Collez l’adresse de sa page, ou la fin de celle-ci. La procédure doit "
                "être de votre organisme. Vide : les dossiers de toutes les procédures.",
                required=False,
                max_length=300,
            )
        }

    def form_field(self) -> forms.Field:
        contexte = self._contexte
        dossiers = contexte.dossiers_liables(self.procedure_slug) if contexte else []
        hint = "" if dossiers or not contexte else "Vous n’avez pas encore déposé de dossier ici."
        return DossierLieField(dossiers, **self.field_options(hint=hint, required=CHOOSE))

    def display(self, stored: JsonValue) -> str:
        return "" if stored is None else f"nº {stored}"

    def search_text(self, stored: JsonValue) -> str:
        return str(stored or "")

    def sample(self) -> str:
        return "nº 1234"
