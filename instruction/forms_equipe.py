"""The form by which a dossier is given to colleagues."""

from django import forms

from commun.forms import TpsFormHelper


class AssignForm(forms.Form):
    """To which colleagues a dossier is given."""

    colleagues = forms.ModelMultipleChoiceField(
        label="À qui confiez-vous ce dossier ?",
        queryset=None,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Choisissez au moins un collègue.",
            "invalid_choice": "Un collègue choisi suit déjà ce dossier, ou n’est plus de son "
            "groupe. Choisissez de nouveau.",
        },
    )

    def __init__(self, data=None, *, colleagues):
        super().__init__(data)
        self.use_required_attribute = False
        self.helper = TpsFormHelper(mark_optional=False)
        self.fields["colleagues"].queryset = colleagues
