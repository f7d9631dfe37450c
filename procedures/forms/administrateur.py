"""The form that adds an administrateur by their email address."""

from django import forms

from commun.forms import TpsFormHelper
from procedures.administrateurs import add_administrateur


class AdministrateurForm(forms.Form):
    """Name the person to add; a valid form has added them."""

    email = forms.EmailField(
        label="Adresse email à ajouter",
        help_text="Celle d’un administrateur du même organisme, par exemple prenom.nom@exemple.fr.",
        max_length=254,
        error_messages={
            "required": "Saisissez une adresse email.",
            "invalid": "Saisissez une adresse email complète, par exemple prenom.nom@exemple.fr.",
        },
        widget=forms.EmailInput({"autocomplete": "off"}),
    )

    def __init__(self, *args, procedure, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.procedure, self.by = procedure, by
        self.use_required_attribute = False
        self.helper = TpsFormHelper()

    def clean_email(self):
        """Add the person, whose rights are checked with the change itself."""
        return add_administrateur(self.procedure, self.cleaned_data["email"], by=self.by)
