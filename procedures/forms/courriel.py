"""The form that writes one of the six emails."""

from crispy_forms.layout import HTML, Layout
from django import forms

from commun.forms import TpsFormHelper
from procedures.balises import Balise
from procedures.models import ModeleCourriel
from procedures.passages import check_text


class CourrielForm(forms.ModelForm):
    """Write the subject and the body of an email; only known balises are accepted."""

    class Meta:
        model = ModeleCourriel
        fields = ["subject", "body"]
        labels = {"subject": "Objet", "body": "Message"}
        help_texts = {
            "body": "Du texte simple : les adresses web deviennent des liens et vos passages à la "
            "ligne sont gardés.",
        }
        widgets = {
            "subject": forms.TextInput({"data-tps-balise-field": "", "autocomplete": "off"}),
            "body": forms.Textarea({"data-tps-balise-field": "", "rows": 16}),
        }
        error_messages = {
            "subject": {"required": "Donnez un objet à cet email."},
            "body": {"required": "Rédigez le message de cet email."},
        }

    def __init__(self, *args, balises: list[Balise], **kwargs):
        super().__init__(*args, **kwargs)
        self.balises = balises
        self.use_required_attribute = False
        self.helper = TpsFormHelper()
        self.helper.layout = Layout(
            "subject", "body", HTML('{% include "procedures/includes/balise_menu.html" %}')
        )

    def clean_subject(self):
        """Refuse unknown balises."""
        return self._checked("subject")

    def clean_body(self):
        """Refuse unknown balises."""
        return self._checked("body")

    def _checked(self, name: str) -> str:
        text = self.cleaned_data[name]
        check_text(text, self.balises)
        return text
