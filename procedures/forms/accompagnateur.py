"""The form that assigns accompagnateurs by their email addresses."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.models import normalize_email
from commun.forms import TpsFormHelper

EMAILS_MAX = 50
EMAILS_TEXT_MAX = 20_000
_SEPARATORS = re.compile(r"[\n,;]+")
_NAMED_ADDRESS = re.compile(r"^.*<([^<>]+)>$")


class EmailsField(forms.CharField):
    """Addresses one per line or separated by commas; its value is the list of them, once each."""

    widget = forms.Textarea

    def clean(self, value):
        emails = _read_emails(super().clean(value))
        if not emails:
            raise ValidationError(self.error_messages["required"], code="required")
        wrong = [email for email in emails if not _is_email(email)]
        if wrong:
            raise ValidationError(
                [f"« {email} » n’est pas une adresse email complète." for email in wrong[:10]],
                code="invalid",
            )
        if len(emails) > EMAILS_MAX:
            raise ValidationError(
                f"Ajoutez au plus {EMAILS_MAX} adresses à la fois.", code="too_many"
            )
        return list(dict.fromkeys(emails))


def _read_emails(text: str) -> list[str]:
    """Return what stands for addresses in `text`: `a@b.fr c@d.fr, Camille <e@f.fr>`."""
    emails = []
    for part in _SEPARATORS.split(text):
        named = _NAMED_ADDRESS.match(part.strip())
        emails.extend([named[1]] if named else part.split())
    return [normalize_email(email) for email in emails]


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return len(text) <= 254


class AccompagnateursForm(forms.Form):
    """Name the people to assign."""

    emails = EmailsField(
        label="Adresses email à ajouter",
        help_text="Une par ligne, ou séparées par des virgules. Une personne qui n’a pas de compte "
        "reçoit un email pour en ouvrir un.",
        max_length=EMAILS_TEXT_MAX,
        error_messages={"required": "Saisissez au moins une adresse email."},
        widget=forms.Textarea({"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        self.helper = TpsFormHelper()
