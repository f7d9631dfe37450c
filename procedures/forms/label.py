"""The form of a label."""

from django import forms

from commun.forms import TpsFormHelper
from procedures.models import Label

TWIN = "Un label de cette procédure porte déjà ce nom."


class LabelForm(forms.ModelForm):
    """Its word and its colour; the word alone must tell what it means."""

    class Meta:
        model = Label
        fields = ["name", "color"]
        labels = {"name": "Nom du label", "color": "Couleur"}
        help_texts = {
            "name": "30 caractères au plus. Vu des accompagnateurs seulement.",
            "color": "Un repère de plus : le nom reste toujours écrit.",
        }
        error_messages = {
            "name": {
                "required": "Donnez un nom au label.",
                "max_length": "Raccourcissez le nom : 30 caractères au plus.",
            }
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = TpsFormHelper()
        self.use_required_attribute = False

    def clean_name(self):
        """Refuse the name of another label of the procédure, whatever its case."""
        name = " ".join(self.cleaned_data["name"].split())
        twins = Label.objects.filter(procedure_id=self.instance.procedure_id, name__iexact=name)
        if twins.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(TWIN, code="twin")
        return name
