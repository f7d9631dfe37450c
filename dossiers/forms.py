"""Forms of the usager; the form of a dossier is built from its revision."""

import uuid
from collections.abc import Collection

from django import forms
from django.conf import settings
from django.forms.utils import ErrorDict

from accounts.models import normalize_email
from commun.fichiers import ANY_FILE
from commun.file_size import file_size
from commun.forms import TpsFormHelper
from dossiers.completeness import refused_messages
from dossiers.enums import MESSAGE_FILES_MAX, Civilite
from dossiers.models import Dossier
from entreprise_api.siret import SiretError, normalize_siret
from procedures.champs import Champ

PERSONNE, ENTREPRISE = "particulier", "entreprise"
EMAIL_INVALID = "Saisissez une adresse email complète, par exemple nom@exemple.fr."


class ReponsesForm(forms.Form):
    """The form of a dossier: one field per champ, those of each row too, filled in.

    It only shows: answers are saved by `dossiers.reponses`. What was refused is shown again as
    typed, with its error, and what another answer stands against (`dossier.conflicts`), as typed.
    `only` names the champs to hold, all of them by default.
    """

    # The browser must not hold a brouillon back: the server says what is missing.
    use_required_attribute = False

    def __init__(self, dossier: Dossier, *, only: Collection[str] | None = None, **kwargs):
        super().__init__(**kwargs)
        self.helper = TpsFormHelper()
        self.champs = [
            champ for champ in dossier.questionnaire.champs if only is None or champ.id in only
        ]
        for champ in self.champs:
            field = champ.form_field()
            if field is None:
                continue
            field.initial = champ.to_initial(dossier.reponses.get(champ.id))
            self.fields[champ.field_name] = field
        self._errors = ErrorDict(renderer=self.renderer)
        for champ in self.champs:
            if champ.id in dossier.conflicts:
                self.fields[champ.field_name].initial = dossier.conflicts[champ.id].raw
            elif champ.holds_answer and champ.id in dossier.saisies_refusees:
                self._show_refused(champ, dossier)

    @property
    def refused_champs(self) -> list[Champ]:
        """Return the champs whose kept input is refused."""
        return [champ for champ in self.champs if champ.field_name in self.errors]

    def _show_refused(self, champ: Champ, dossier: Dossier) -> None:
        typed = dossier.saisies_refusees[champ.id]
        self.fields[champ.field_name].initial = typed
        messages = refused_messages(champ, typed, dossier=dossier)
        if messages:
            self._errors[champ.field_name] = self.error_class(
                messages, renderer=self.renderer, field_id=self[champ.field_name].auto_id
            )


class DemandeurForm(forms.Form):
    """Choose between a person and a company, where the procédure takes both."""

    demandeur = forms.ChoiceField(
        label="Vous déposez ce dossier",
        choices=[
            (PERSONNE, "En votre nom, comme particulier"),
            (ENTREPRISE, "Pour une entreprise, une association ou une administration"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez au nom de qui vous déposez ce dossier."},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = TpsFormHelper()
        self.helper.disable_csrf = True  # sent by GET


class IdentiteForm(forms.ModelForm):
    """The person who applies."""

    class Meta:
        model = Dossier
        fields = ["civilite", "prenom", "nom"]
        widgets = {
            "civilite": forms.RadioSelect,
            "prenom": forms.TextInput({"autocomplete": "given-name"}),
            "nom": forms.TextInput({"autocomplete": "family-name"}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = TpsFormHelper()
        self.use_required_attribute = False
        errors = {
            "civilite": "Choisissez votre civilité.",
            "prenom": "Indiquez votre prénom.",
            "nom": "Indiquez votre nom.",
        }
        for name, message in errors.items():
            self.fields[name].required = True
            self.fields[name].error_messages["required"] = message
        self.fields["civilite"].choices = Civilite.choices


class MandataireForm(IdentiteForm):
    """The person who applies, and who fills it in for them."""

    class Meta(IdentiteForm.Meta):
        fields = [
            "mandataire_prenom",
            "mandataire_nom",
            "civilite",
            "prenom",
            "nom",
            "beneficiaire_email",
        ]
        labels = {
            "mandataire_prenom": "Votre prénom",
            "mandataire_nom": "Votre nom",
            "civilite": "Civilité du bénéficiaire",
            "prenom": "Prénom du bénéficiaire",
            "nom": "Nom du bénéficiaire",
            "beneficiaire_email": "Adresse email du bénéficiaire",
        }
        help_texts = {
            "beneficiaire_email": "Pour le prévenir du dépôt et de la décision, par exemple "
            "nom@exemple.fr. Ces messages ne donnent pas accès au dossier.",
        }
        widgets = {
            "mandataire_prenom": forms.TextInput({"autocomplete": "given-name"}),
            "mandataire_nom": forms.TextInput({"autocomplete": "family-name"}),
            "civilite": forms.RadioSelect,
            "prenom": forms.TextInput({"autocomplete": "off"}),
            "nom": forms.TextInput({"autocomplete": "off"}),
            "beneficiaire_email": forms.EmailInput({"autocomplete": "off"}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        errors = {
            "mandataire_prenom": "Indiquez votre prénom.",
            "mandataire_nom": "Indiquez votre nom.",
            "civilite": "Choisissez la civilité du bénéficiaire.",
            "prenom": "Indiquez le prénom du bénéficiaire.",
            "nom": "Indiquez le nom du bénéficiaire.",
        }
        for name, message in errors.items():
            self.fields[name].required = True
            self.fields[name].error_messages["required"] = message
        self.fields["beneficiaire_email"].error_messages["invalid"] = EMAIL_INVALID

    def clean_beneficiaire_email(self) -> str:
        """Return another address than the mandataire's, who is told of everything already."""
        email = normalize_email(self.cleaned_data["beneficiaire_email"])
        if email and email == self.instance.usager.email:
            raise forms.ValidationError(
                "C’est votre adresse. Donnez celle du bénéficiaire, ou laissez ce champ vide."
            )
        return email


class TransfertForm(forms.Form):
    """Name who is asked to take a dossier over."""

    email = forms.EmailField(
        label="Adresse email de la personne",
        help_text="Elle répondra avec le compte de cette adresse, qu’elle peut créer pour cela. "
        "Par exemple nom@exemple.fr.",
        max_length=254,
        error_messages={"required": "Saisissez une adresse email.", "invalid": EMAIL_INVALID},
        widget=forms.EmailInput({"autocomplete": "off"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        self.helper = TpsFormHelper()


class SiretForm(forms.Form):
    """The SIRET of the company that applies; its value is its 14 digits."""

    siret = forms.CharField(
        label="Numéro SIRET de l’établissement",
        help_text=(
            "14 chiffres, avec ou sans espaces, par exemple 130 025 265 00013. "
            "Il figure sur vos avis de situation, vos factures et vos fiches de paie."
        ),
        max_length=40,
        widget=forms.TextInput(
            {"inputmode": "numeric", "autocomplete": "off", "spellcheck": "false"}
        ),
        error_messages={
            "required": "Saisissez le numéro SIRET de votre établissement.",
            "max_length": SiretError.MESSAGES["format"],
        },
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = TpsFormHelper()
        self.use_required_attribute = False

    def clean_siret(self) -> str:
        """Return the fourteen digits."""
        try:
            return normalize_siret(self.cleaned_data["siret"])
        except SiretError as error:
            raise forms.ValidationError(error.message, code=error.code) from None


class FilesInput(forms.ClearableFileInput):
    """Several files chosen at once."""

    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class FilesField(forms.FileField):
    """Several files; its value is their list."""

    def clean(self, data, initial=None) -> list:
        """Return the uploads as they came: what they hold is checked when they are kept."""
        return [upload for upload in data or [] if upload]


class MessageForm(forms.Form):
    """A message to the other side of a thread."""

    # Set when the message was refused for having been sent too soon after many others.
    is_too_fast = False

    body = forms.CharField(
        label="Votre message",
        required=False,
        widget=forms.Textarea({"rows": 6, "data-tps-draft": ""}),
        help_text="Du texte simple : les adresses web deviennent des liens.",
    )
    files = FilesField(
        label="Fichiers à joindre",
        required=False,
        widget=FilesInput,
    )
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data=None, files=None, **kwargs):
        initial = {"token": uuid.uuid4()} | kwargs.pop("initial", {})
        super().__init__(data, files, initial=initial, **kwargs)
        self.use_required_attribute = False
        self.helper = TpsFormHelper(mark_optional=False)
        self.fields["files"].help_text = files_hint()


class ServiceMessageForm(MessageForm):
    """A message of the service about a dossier that was filed."""

    asks_answer = forms.BooleanField(
        label="J’attends une réponse de l’usager",
        required=False,
        help_text="Le dossier est « en attente de l’usager » jusqu’à sa réponse.",
    )


def files_hint() -> str:
    """Say what may be joined to a message."""
    limit = file_size(settings.PIECE_JOINTE_MAX_BYTES)
    return f"{MESSAGE_FILES_MAX} fichiers au plus, de {limit} chacun : {ANY_FILE}."
