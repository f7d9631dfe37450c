"""Forms that ask people to a dossier."""

from django import forms

from accounts.forms import EMAIL_HINT, email_field
from accounts.models import normalize_email
from commun.forms import RichRadioSelect, TpsFormHelper
from dossiers.enums import INVITATION_MESSAGE_MAX, InviteRole

_ROLE_CHOICES = [
    (InviteRole.ECRITURE, "Remplir le dossier avec moi"),
    (InviteRole.LECTURE, "Lire seulement"),
]


def role_field(**options) -> forms.ChoiceField:
    """Return the choice of what an invité of the usager may do."""
    return forms.ChoiceField(
        **{"label": "Ce que cette personne pourra faire", "choices": _ROLE_CHOICES} | options,
        error_messages={
            "required": "Choisissez ce que cette personne pourra faire.",
            "invalid_choice": "Choisissez ce que cette personne pourra faire.",
        },
    )


class InviteForm(forms.Form):
    """Ask one person, by their address."""

    email = email_field(help_text=EMAIL_HINT)
    message = forms.CharField(
        label="Message",
        required=False,
        max_length=INVITATION_MESSAGE_MAX,
        help_text="Il sera dans l’email, avec votre nom et le titre de la procédure. "
        f"{INVITATION_MESSAGE_MAX} caractères au plus.",
        widget=forms.Textarea({"rows": 4}),
        error_messages={
            "max_length": f"Raccourcissez ce message : {INVITATION_MESSAGE_MAX} caractères au plus."
        },
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        # The address is somebody else's: the browser must not offer one's own.
        email = self.fields["email"]
        email.widget.attrs["autocomplete"] = "off"
        email.error_messages["required"] = "Saisissez l’adresse électronique de la personne."
        self.helper = TpsFormHelper()

    def clean_email(self):
        return normalize_email(self.cleaned_data["email"])


class UsagerInviteForm(InviteForm):
    """Ask somebody to fill in a dossier, or to read it."""

    role = role_field(initial=InviteRole.ECRITURE, widget=RichRadioSelect)
    field_order = ["email", "role", "message"]


class InviteRoleForm(forms.Form):
    """Give another right to an invité."""

    role = role_field(choices=InviteRole.choices)
