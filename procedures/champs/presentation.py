"""Elements of a form that ask nothing, and files to attach."""

from typing import Any, ClassVar, Literal

from django import forms
from pydantic import Field, JsonValue, PrivateAttr

from procedures.champs.base import Champ, IntituleField

PARAGRAPHE_MAX = 10_000


class TitreDeSectionChamp(Champ):
    """A heading; it opens a section that lasts until the next one."""

    name = "Titre de section"
    description = "Ouvre une partie du formulaire"
    icon = "fr-icon-h-1"
    group = "Mise en forme"
    default_label = "Nouvelle section"
    holds_answer = False
    is_section = True
    template_name = "procedures/champs/titre_de_section.html"
    type: Literal["titre_de_section"] = "titre_de_section"
    required: bool = False

    @classmethod
    def property_fields(cls) -> dict[str, forms.Field]:
        fields = super().property_fields()
        del fields["required"]
        return fields


class ParagrapheChamp(Champ):
    """Guidance in the middle of the form, without input."""

    name = "Paragraphe"
    description = "Une explication, sans rien à saisir"
    icon = "fr-icon-information-line"
    group = "Mise en forme"
    default_label = "Indications"
    holds_answer = False
    template_name = "procedures/champs/paragraphe.html"
    type: Literal["paragraphe"] = "paragraphe"
    required: bool = False
    text: str = Field(default="", max_length=PARAGRAPHE_MAX)

    @classmethod
    def property_fields(cls) -> dict[str, forms.Field]:
        return {
            "label": IntituleField(label="Titre", max_length=cls.label_max),
            "text": forms.CharField(
                label="Texte",
                help_text=(
                    "Une ligne vide sépare deux paragraphes, **deux étoiles** mettent en gras, "
                    "un tiret en début de ligne fait une liste ; les adresses web deviennent "
                    "des liens."
                ),
                required=False,
                max_length=PARAGRAPHE_MAX,
                widget=forms.Textarea({"rows": 6}),
            ),
        }


class PieceJointeChamp(Champ):
    """Files to attach, with an optional blank form to download; the files are rows of their own."""

    name = "Pièce jointe"
    description = "Un ou plusieurs fichiers, avec un modèle à télécharger"
    icon = "fr-icon-attachment-line"
    group = "Fichiers"
    default_label = "Nouvelle pièce jointe"
    holds_answer = False
    holds_files = True
    template_name = "procedures/champs/piece_jointe.html"
    files_max: ClassVar[int] = 10
    type: Literal["piece_jointe"] = "piece_jointe"
    formulaire_vierge_id: int | None = None
    # The row `formulaires_vierges.attach` put here, so that a page asks for all in one query.
    _formulaire_vierge: Any = PrivateAttr(default=None)

    @property
    def formulaire_vierge(self):
        """Return the attached blank form, None where there is none."""
        return self._formulaire_vierge

    def attach_formulaire_vierge(self, formulaire_vierge) -> None:
        """Remember the row of the blank form to download, or None."""
        self._formulaire_vierge = formulaire_vierge

    def display(self, stored: JsonValue) -> str:
        return ""

    def export_values(self, stored: JsonValue) -> list[Any]:
        return [stored]

    def sample(self) -> str:
        return "document.pdf"
