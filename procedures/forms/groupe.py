"""The forms of a groupe d’accompagnateurs."""

from crispy_forms.layout import Fieldset, Layout
from django import forms

from commun.forms import FilterableCheckboxes, TpsFormHelper
from procedures.groupes import values_to_make
from procedures.models import Groupe

IMPORT_MAX_BYTES = 1024 * 1024


class GroupeForm(forms.ModelForm):
    """What a groupe is called, and how usagers reach it."""

    class Meta:
        model = Groupe
        fields = [
            "name",
            "contact_email",
            "contact_phone",
            "contact_address",
            "contact_hours",
        ]
        labels = {
            "name": "Nom du groupe",
            "contact_email": "Adresse email",
            "contact_phone": "Téléphone",
            "contact_address": "Adresse postale",
            "contact_hours": "Horaires",
        }
        help_texts = {
            "name": "Par exemple « Unité départementale du Nord ». Les usagers peuvent le lire.",
        }
        error_messages = {
            "name": {
                "required": "Donnez un nom au groupe.",
                "max_length": "Raccourcissez ce nom : 100 caractères au plus.",
            },
            "contact_email": {"invalid": "Saisissez une adresse email complète."},
        }
        widgets = {
            "contact_email": forms.EmailInput({"autocomplete": "off", "spellcheck": "false"}),
            "contact_phone": forms.TextInput({"type": "tel", "autocomplete": "off"}),
            "contact_address": forms.Textarea({"rows": 3}),
            "contact_hours": forms.Textarea({"rows": 2}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.use_required_attribute = False
        self.helper = TpsFormHelper()
        self.helper.layout = Layout(
            "name",
            Fieldset(
                "Contact, à la place de celui du service",
                "contact_email",
                "contact_phone",
                "contact_address",
                "contact_hours",
                css_class="tps-form-section",
            ),
        )

    def clean_name(self):
        return " ".join(self.cleaned_data["name"].split())

    def _get_validation_exclusions(self):
        # The name is told once for the whole procédure, which is no field.
        return super()._get_validation_exclusions() - {"procedure"}


class WizardForm(forms.Form):
    """Which answers to a champ are given a groupe of their own: those that have none yet."""

    values = forms.MultipleChoiceField(
        label="Réponses qui auront leur groupe",
        widget=FilterableCheckboxes,
        error_messages={"required": "Choisissez au moins une réponse."},
    )

    def __init__(self, *args, champ, groupes, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.use_required_attribute = False
        self.helper = TpsFormHelper()
        choices = values_to_make(champ, groupes)
        self.fields["values"].choices = choices
        self.fields["values"].initial = [value for value, _label in choices]


class GroupesImportForm(forms.Form):
    """A file of groupes and their members."""

    file = forms.FileField(
        label="Fichier CSV",
        help_text="Deux colonnes, « groupe » et « email », une ligne par membre ; 1 Mo et "
        "1 000 lignes au plus.",
        max_length=300,
        error_messages={
            "required": "Choisissez le fichier à importer.",
            "empty": "Ce fichier est vide. Choisissez-en un autre.",
        },
        widget=forms.FileInput({"accept": ".csv,text/csv"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.use_required_attribute = False
        self.helper = TpsFormHelper()

    def clean_file(self):
        upload = self.cleaned_data["file"]
        if upload.size > IMPORT_MAX_BYTES:
            raise forms.ValidationError("Ce fichier est trop lourd : 1 Mo au plus.")
        content = upload.read()
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            return content.decode("cp1252", errors="replace")
