"""The form that copies a shared form."""

from django import forms

from accounts.models import Organisme
from commun.forms import TpsFormHelper


class ModeleCopyForm(forms.Form):
    """The organisme that takes the copy, asked where there are several."""

    organisme = forms.ModelChoiceField(
        Organisme.objects.none(),
        label="Organisme",
        empty_label="Sélectionnez un organisme",
        error_messages={
            "required": "Choisissez l’organisme qui propose la procédure.",
            "invalid_choice": "Choisissez un de vos organismes.",
        },
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.use_required_attribute = False
        self.helper = TpsFormHelper()
        organismes = Organisme.objects.filter(administrateurs=user)
        self.only_organisme = organismes[0] if len(organismes) == 1 else None
        if self.only_organisme is not None:
            del self.fields["organisme"]
        else:
            self.fields["organisme"].queryset = organismes

    @property
    def chosen_organisme(self) -> Organisme:
        """Return the organisme of the procédure to create, once the form is valid."""
        return self.only_organisme or self.cleaned_data["organisme"]
