"""The form that sends the link of the test mode."""

from django import forms
from django.core.exceptions import ValidationError

from commun.forms import TpsFormHelper
from procedures.forms.accompagnateur import EmailsField

TESTERS_MAX = 10
EMAILS_TEXT_MAX = 3000


class TestersForm(forms.Form):
    """Name the people to invite."""

    emails = EmailsField(
        label="Adresses email des personnes à inviter",
        help_text=f"Une par ligne, ou séparées par des virgules, {TESTERS_MAX} au plus à la fois.",
        max_length=EMAILS_TEXT_MAX,
        error_messages={"required": "Saisissez au moins une adresse email."},
        widget=forms.Textarea({"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        self.helper = TpsFormHelper()

    def clean_emails(self):
        emails = self.cleaned_data["emails"]
        if len(emails) > TESTERS_MAX:
            raise ValidationError(f"Invitez au plus {TESTERS_MAX} personnes à la fois.")
        return emails
