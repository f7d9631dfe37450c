"""The form that chooses who takes a shared form, or a transferred procédure."""

from django import forms

from accounts.models import Organisme
from commun.forms import TpsFormHelper


class OrganismeChoiceForm(forms.Form):
    """The organisme that takes it, of those `user` administers `among` some; one is not asked."""

    organisme = forms.ModelChoiceField(
        Organisme.objects.none(),
        label="Organisme",
        empty_label="Sélectionnez un organisme",
        error_messages={
            "required": "Choisissez l’organisme qui propose la procédure.",
            "invalid_choice": "Choisissez un de vos organismes.",
        },
    )

    def __init__(self, *args, user, among=None, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.use_required_attribute = False
        self.helper = TpsFormHelper()
        organismes = (Organisme.objects.all() if among is None else among).filter(
            administrateurs=user
        )
        self.only_organisme = organismes[0] if len(organismes) == 1 else None
        if self.only_organisme is not None:
            del self.fields["organisme"]
        else:
            self.fields["organisme"].queryset = organismes

    @property
    def chosen_organisme(self) -> Organisme:
        """Return the organisme of the procédure to create, once the form is valid."""
        return self.only_organisme or self.cleaned_data["organisme"]
