"""The form of what the messagerie of a procédure allows."""

from django import forms

from commun.forms import TpsFormHelper
from procedures.models import Procedure


class MessagerieForm(forms.ModelForm):
    """Open the messagerie from the brouillon on, or from the deposit alone."""

    class Meta:
        model = Procedure
        fields = ["dialogue_prealable"]
        labels = {"dialogue_prealable": "Ouvrir le dialogue avant le dépôt"}
        help_texts = {
            "dialogue_prealable": "L’usager peut écrire au service depuis son brouillon. Les "
            "accompagnateurs lisent ses messages et lui répondent, sans voir ses réponses."
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = TpsFormHelper(mark_optional=False)

    def save_messagerie(self) -> None:
        """Keep the choice, and touch nothing else of the procédure."""
        self.instance.save(update_fields=list(self.fields))
