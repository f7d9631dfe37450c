"""The form that creates a procédure from a JSON file."""

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Organisme
from commun.forms import TpsFormHelper
from procedures.lecture import UnreadableEchange, read_echange

IMPORT_MAX_BYTES = 30 * 1024 * 1024


class ProcedureImportForm(forms.Form):
    """A file to read, and the organisme that takes it where there are several.

    `cleaned_data["file"]` is the `Echange` it holds; `problems` what is wrong in it, by place.
    """

    organisme = forms.ModelChoiceField(
        Organisme.objects.none(),
        label="Organisme",
        empty_label="Sélectionnez un organisme",
        error_messages={"required": "Choisissez l’organisme qui propose la procédure."},
    )
    file = forms.FileField(
        label="Fichier JSON",
        help_text="Une procédure exportée de TPS, 30 Mo au plus.",
        max_length=300,
        error_messages={
            "required": "Choisissez le fichier à importer.",
            "empty": "Ce fichier est vide. Choisissez-en un autre.",
        },
        widget=forms.FileInput({"accept": ".json,application/json"}),
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.use_required_attribute = False
        self.helper = TpsFormHelper()
        self.problems: list[str] = []
        organismes = Organisme.objects.filter(administrateurs=user)
        self.only_organisme = organismes[0] if len(organismes) == 1 else None
        if self.only_organisme is not None:
            del self.fields["organisme"]
        else:
            self.fields["organisme"].queryset = organismes

    def clean_file(self):
        upload = self.cleaned_data["file"]
        if upload.size > IMPORT_MAX_BYTES:
            raise ValidationError("Ce fichier est trop lourd. Envoyez un fichier de 30 Mo au plus.")
        try:
            return read_echange(upload.read())
        except UnreadableEchange as error:
            self.problems = error.problems
            raise ValidationError(
                "Ce fichier ne peut pas être importé. Corrigez-le, ou exportez-le de nouveau."
            ) from None

    @property
    def chosen_organisme(self) -> Organisme:
        """Return the organisme of the procédure to create, once the form is valid."""
        return self.only_organisme or self.cleaned_data["organisme"]
