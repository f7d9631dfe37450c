"""Forms about an avis."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone

from accounts.forms import EMAIL_HINT, email_field
from accounts.models import normalize_email
from commun.forms import DateWidget, RichRadioSelect, TpsFormHelper
from dossiers.forms import FilesField, FilesInput, files_hint
from instruction.avis_enums import EMAILS_MAX, QUESTION_MAX, TEXT_MAX, WORD_MAX, AvisAnswer

_BETWEEN_EMAILS = re.compile(r"[\s,;]+")


def _text_field(label: str, maximum: int, rows: int, *, required: str = "", **options):
    errors = {"max_length": f"Raccourcissez ce texte : {maximum} caractères au plus."}
    return forms.CharField(
        label=label,
        max_length=maximum,
        required=bool(required),
        widget=forms.Textarea({"rows": rows}),
        error_messages=errors | {"required": required},
        **options,
    )


class AvisAskForm(forms.Form):
    """Ask one question of one or more people."""

    emails = forms.CharField(
        label="Adresses électroniques",
        help_text="Une par ligne, ou séparées par des virgules : chacun est consulté à part. "
        f"{EMAILS_MAX} au plus. Exemple : prenom.nom@exemple.fr",
        widget=forms.Textarea({"rows": 2, "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Saisissez l’adresse électronique de la personne."},
    )
    question = _text_field(
        "Question", QUESTION_MAX, 4, required="Dites ce que vous demandez à cette personne."
    )
    confidential = forms.ChoiceField(
        label="Qui lira l’avis",
        choices=[
            ("oui", "Confidentiel : le service seul"),
            ("non", "Partagé : le service et les autres personnes consultées sur ce dossier"),
        ],
        initial="oui",
        widget=RichRadioSelect,
        help_text="L’usager ne le lira dans aucun cas sur TPS.",
        error_messages={"required": "Choisissez qui lira l’avis."},
    )
    due_on = forms.DateField(
        label="À rendre au plus tard le",
        required=False,
        widget=DateWidget,
        help_text="Un rappel part trois jours avant, et le lendemain.",
        error_messages={"invalid": "Saisissez une date complète, par exemple 31/12/2026."},
    )
    files = FilesField(label="Fichiers à joindre", required=False, widget=FilesInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        self.fields["files"].help_text = files_hint()
        self.helper = TpsFormHelper()

    def clean_emails(self) -> list[str]:
        """Return the addresses, each once."""
        typed = [it for it in _BETWEEN_EMAILS.split(self.cleaned_data["emails"]) if it]
        wrong = []
        for email in typed:
            try:
                validate_email(email)
            except ValidationError:
                wrong.append(email)
        if wrong or not typed:
            raise ValidationError(
                f"Corrigez « {', '.join(wrong)} » : une adresse ressemble à nom@exemple.fr."
            )
        emails = list(dict.fromkeys(normalize_email(email) for email in typed))
        if len(emails) > EMAILS_MAX:
            raise ValidationError(f"Consultez {EMAILS_MAX} personnes au plus à la fois.")
        return emails

    def clean_due_on(self):
        """Refuse a day that is past."""
        due_on = self.cleaned_data["due_on"]
        if due_on is not None and due_on < timezone.localdate():
            raise ValidationError("Choisissez une date à venir.")
        return due_on

    @property
    def asked(self) -> dict:
        """Return what `avis.ask` takes."""
        data = self.cleaned_data
        return {
            "question": data["question"],
            "is_confidential": data["confidential"] == "oui",
            "due_on": data["due_on"],
            "uploads": data["files"],
        }


class AvisAnswerForm(forms.Form):
    """Give an avis, or change it."""

    answer = forms.ChoiceField(
        label="Votre avis",
        choices=AvisAnswer.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choisissez un avis : « Sans avis » si vous ne vous prononcez pas.",
            "invalid_choice": "Choisissez un avis dans la liste.",
        },
    )
    text = _text_field("Vos explications", TEXT_MAX, 8)
    removed = forms.MultipleChoiceField(
        label="Fichiers à retirer",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Ce fichier n’est plus joint."},
    )
    files = FilesField(label="Fichiers à joindre", required=False, widget=FilesInput)

    def __init__(self, avis, *args, **kwargs):
        initial = {"answer": avis.answer, "text": avis.text}
        super().__init__(*args, initial=initial, auto_id=f"id_avis{avis.pk}_%s", **kwargs)
        self.use_required_attribute = False
        kept = [(str(file.pk), file.name) for file in avis.answer_files]
        if kept:
            self.fields["removed"].choices = kept
        else:
            del self.fields["removed"]
        self.fields["files"].help_text = files_hint()
        self.helper = TpsFormHelper()

    @property
    def answered(self) -> dict:
        """Return what `avis.answer` takes."""
        data = self.cleaned_data
        return {
            "answer": AvisAnswer(data["answer"]),
            "text": data["text"],
            "uploads": data["files"],
            "removed": [int(pk) for pk in data.get("removed", ())],
        }


class AvisHandOverForm(forms.Form):
    """Give a question to somebody else."""

    email = email_field(help_text=EMAIL_HINT)
    word = _text_field(
        "Un mot pour cette personne", WORD_MAX, 4, help_text="Le service le lira aussi."
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        email = self.fields["email"]
        email.widget.attrs["autocomplete"] = "off"
        email.error_messages["required"] = "Saisissez l’adresse électronique de la personne."
        self.helper = TpsFormHelper()
