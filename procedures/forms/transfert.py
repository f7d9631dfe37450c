"""The form that offers a procédure to another organisme."""

from django import forms

from commun.forms import TpsFormHelper


class TransfertForm(forms.Form):
    """Name who is asked to take the procédure over."""

    email = forms.EmailField(
        label="Adresse email du futur administrateur",
        help_text="Celle d’un administrateur d’un autre organisme, par exemple nom@exemple.fr.",
        max_length=254,
        error_messages={
            "required": "Saisissez une adresse email.",
            "invalid": "Saisissez une adresse email complète, par exemple nom@exemple.fr.",
        },
        widget=forms.EmailInput({"autocomplete": "off"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        self.helper = TpsFormHelper()
