"""Forms of the account."""

from django import forms

from accounts.models import User
from commun.forms import TpsFormHelper


class ProfileForm(forms.ModelForm):
    """The name under which a person is known to the people they deal with."""

    class Meta:
        model = User
        fields = ["first_name", "last_name"]
        labels = {"first_name": "Prénom", "last_name": "Nom"}
        widgets = {
            "first_name": forms.TextInput({"autocomplete": "given-name"}),
            "last_name": forms.TextInput({"autocomplete": "family-name"}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = TpsFormHelper()
