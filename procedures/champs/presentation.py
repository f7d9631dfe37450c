"""Elements of a form that ask nothing."""

from typing import Literal

from django import forms
from pydantic import Field

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
    is_prefillable = False
    is_section = True
    template_name = "procedures/champs/titre_de_section.html"
    seconds = 0
    type: Literal["titre_de_section"] = "titre_de_section"
    required: bool = False
    # 1 opens a section of the form; 2 and 3 are headings within it.
    level: Literal[1, 2, 3] = 1

    @classmethod
    def property_fields(cls) -> dict[str, forms.Field]:
        fields = super().property_fields()
        del fields["required"]
        return fields | {
            "level": forms.TypedChoiceField(
                label="Niveau du titre",
                choices=[(1, "1 : une partie"), (2, "2 : une sous-partie"), (3, "3 : un détail")],
                coerce=int,
                widget=forms.RadioSelect,
                error_messages={"required": "Choisissez le niveau de ce titre."},
            )
        }


class ParagrapheChamp(Champ):
    """Guidance in the middle of the form, without input."""

    name = "Paragraphe"
    description = "Une explication, sans rien à saisir"
    icon = "fr-icon-information-line"
    group = "Mise en forme"
    default_label = "Indications"
    holds_answer = False
    is_prefillable = False
    template_name = "procedures/champs/paragraphe.html"
    seconds = 10
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
