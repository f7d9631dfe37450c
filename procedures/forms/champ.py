"""Forms of the builder: the properties of a champ, and the form as the usager will see it."""

from collections.abc import Iterable

from django import forms
from django.core.exceptions import ValidationError

from commun.fichiers import recognise
from commun.forms import TpsFormHelper
from procedures.builder import changed_champ
from procedures.champs import Champ
from procedures.enums import FORMULAIRE_VIERGE_EXTENSIONS, FORMULAIRE_VIERGE_MAX_BYTES


class ChampForm(forms.Form):
    """The properties of one champ; `cleaned_data` is what `builder.update_champ` takes.

    `is_private` tells an annotation privée from a question.
    """

    def __init__(self, champ: Champ, data=None, *, is_private: bool = False):
        super().__init__(
            data, initial=champ.property_values(), auto_id="propriete_%s", label_suffix=""
        )
        self.champ = champ
        self.fields.update(champ.own_property_fields())
        if is_private:  # no dossier begins with an annotation
            self.fields.pop("default", None)
        self.helper = TpsFormHelper()
        self.use_required_attribute = False

    def clean(self):
        cleaned = super().clean()
        if not self.errors:
            cleaned = self.champ.read_properties(cleaned)
            try:
                changed_champ(self.champ, cleaned)
            except ValidationError as error:
                for name, messages in error.message_dict.items():
                    self.add_error(name if name in self.fields else None, messages)
        return cleaned


class ApercuForm(forms.Form):
    """The fields of some champs, empty, as a usager will find them."""

    def __init__(self, champs: Iterable[Champ]):
        super().__init__(label_suffix="")
        self.helper = TpsFormHelper()
        self.use_required_attribute = False
        for champ in champs:
            field = champ.form_field()
            if field is not None:
                field.initial = champ.to_initial(champ.initial_answer())
                self.fields[champ.field_name] = field


class FormulaireViergeForm(forms.Form):
    """A blank form to put beside a pièce jointe."""

    file = forms.FileField(
        label="Formulaire vierge à télécharger",
        help_text="Facultatif. PDF, document bureautique ou image, 20 Mo au plus.",
        max_length=300,
        error_messages={"required": "Choisissez un fichier."},
        widget=forms.FileInput(
            {"accept": ",".join(f".{extension}" for extension in FORMULAIRE_VIERGE_EXTENSIONS)}
        ),
    )

    def __init__(self, data=None, files=None):
        super().__init__(data, files, auto_id="formulaire_vierge_%s", label_suffix="")
        self.helper = TpsFormHelper()
        self.use_required_attribute = False

    def clean_file(self):
        upload = self.cleaned_data["file"]
        if upload.size > FORMULAIRE_VIERGE_MAX_BYTES:
            raise ValidationError("Ce fichier est trop lourd. Envoyez un fichier de 20 Mo au plus.")
        recognise(upload, FORMULAIRE_VIERGE_EXTENSIONS)
        return upload
