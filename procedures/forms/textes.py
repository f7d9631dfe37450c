"""The form of what a procédure says after submission and after closing."""

from crispy_forms.layout import HTML, Layout
from django import forms
from django.urls import reverse_lazy

from commun.forms import TpsFormHelper
from procedures.models import Procedure

MARKDOWN = (
    "Une ligne vide sépare deux paragraphes, **deux étoiles** mettent en gras, un tiret en début "
    "de ligne fait une liste ; les adresses web deviennent des liens."
)
_PREVIEW = '{{% include "procedures/includes/texte_preview.html" with field=form.{name} only %}}'


def _textarea(name: str) -> forms.Textarea:
    """Return the field of a text whose preview follows it as one types."""
    return forms.Textarea(
        {
            "rows": 6,
            "hx-post": reverse_lazy("procedures:markdown_preview"),
            "hx-trigger": "input changed delay:400ms",
            "hx-target": f"#apercu-id_{name}",
            "hx-swap": "innerHTML",
            "hx-sync": "this:replace",
        }
    )


class TextesForm(forms.ModelForm):
    """Write the thank-you text and the closing text; both may stay empty."""

    class Meta:
        model = Procedure
        fields = ["thanks_text", "closing_text"]
        labels = {
            "thanks_text": "Texte de remerciement",
            "closing_text": "Texte de clôture",
        }
        help_texts = {
            "thanks_text": "Montré à l’usager sur la page de son dossier dès qu’il l’a soumis, "
            f"jusqu’à son passage en instruction : ce qui va suivre, ce qu’il lui reste à faire. "
            f"{MARKDOWN}",
            "closing_text": "Montré sur la page publique une fois la procédure close : où "
            f"s’adresser, quand elle rouvrira. {MARKDOWN}",
        }
        widgets = {
            "thanks_text": _textarea("thanks_text"),
            "closing_text": _textarea("closing_text"),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = TpsFormHelper()
        self.helper.layout = Layout(
            "thanks_text",
            HTML(_PREVIEW.format(name="thanks_text")),
            "closing_text",
            HTML(_PREVIEW.format(name="closing_text")),
        )

    def save_textes(self) -> None:
        """Keep both texts, and touch nothing else of the procédure."""
        self.instance.save(update_fields=list(self.fields))
