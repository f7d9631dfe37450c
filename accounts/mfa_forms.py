"""Forms of double authentication: django-allauth's, in plain French."""

from allauth.mfa.base import forms as base_forms
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.webauthn import forms as webauthn_forms
from django import forms

KEY_NAME_MAX_LENGTH = 100


def code_field(**options) -> forms.CharField:
    """Return the field of a code that serves once."""
    return forms.CharField(
        **options,
        widget=forms.TextInput(
            {"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}
        ),
        error_messages={"required": "Saisissez le code."},
    )


class AuthenticateForm(base_forms.AuthenticateForm):
    """Give the code at sign-in."""

    code = code_field(label="Code", help_text="Six chiffres, ou huit pour un code de secours")


class ReauthenticateForm(base_forms.ReauthenticateForm):
    """Give a code again before a sensitive change."""

    code = code_field(label="Code", help_text="Six chiffres, ou huit pour un code de secours")


class ActivateTOTPForm(totp_forms.ActivateTOTPForm):
    """Prove that the application shows the right codes."""

    code = code_field(label="Code affiché par l’application", help_text="Six chiffres")


class AddWebAuthnForm(webauthn_forms.AddWebAuthnForm):
    """Add a security key."""

    name = forms.CharField(
        label="Nom de la clé",
        help_text="Pour la reconnaître parmi d’autres : « Clé USB du bureau », « Mon téléphone ».",
        max_length=KEY_NAME_MAX_LENGTH,
        required=False,
    )
    passwordless = forms.BooleanField(
        label="Se connecter avec cette clé seule, sans mot de passe",
        help_text="La clé devra reconnaître votre empreinte, votre visage ou un code.",
        required=False,
    )


class EditWebAuthnForm(webauthn_forms.EditWebAuthnForm):
    """Rename a security key."""

    name = forms.CharField(label="Nom de la clé", max_length=KEY_NAME_MAX_LENGTH)
