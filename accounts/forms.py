"""Forms of the account; those of sign-in are django-allauth's, in plain French and DSFR."""

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from django import forms
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password

from accounts.invitations import verify_email
from accounts.models import User, normalize_email
from commun.forms import TpsFormHelper

EMAIL_HINT = "Format attendu : nom@domaine.fr"
RULES_HINT = (
    "Au moins 12 caractères, pas seulement des chiffres, différent de votre adresse et des mots "
    "de passe les plus courants. Une phrase de quelques mots convient bien."
)


def email_field(**options) -> forms.EmailField:
    """Return the field of an email address that the browser can fill in."""
    return forms.EmailField(
        **{"label": "Adresse électronique", "help_text": EMAIL_HINT, "max_length": 254} | options,
        widget=forms.EmailInput({"autocomplete": "email", "spellcheck": "false"}),
        error_messages={
            "required": "Saisissez votre adresse électronique.",
            "invalid": "Saisissez une adresse électronique complète, comme nom@domaine.fr.",
        },
    )


def password_field(*, is_new: bool, **options) -> forms.CharField:
    """Return the field of a password, which a password manager knows to be new or current."""
    autocomplete = "new-password" if is_new else "current-password"
    hint = RULES_HINT if is_new else ""
    return forms.CharField(
        **{"label": "Mot de passe", "help_text": hint, "strip": False} | options,
        widget=forms.PasswordInput({"autocomplete": autocomplete}),
        error_messages={"required": "Saisissez un mot de passe."},
    )


class LoginForm(allauth_forms.LoginForm):
    """Sign in."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["login"] = email_field()
        self.fields["password"] = password_field(is_new=False)
        self.order_fields(["login", "password"])
        self.helper = TpsFormHelper()


class SignupForm(allauth_forms.SignupForm):
    """Open an account: an address and a password, nothing else."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["email"] = email_field(
            help_text="Un email vous y sera envoyé pour vérifier qu’elle est bien la vôtre."
        )
        self.fields["password1"] = password_field(is_new=True)
        self.order_fields(["email", "password1"])
        self.helper = TpsFormHelper()

    def try_save(self, request):
        """Take as long for an address that has an account: the time must not tell."""
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)


class ResetPasswordForm(allauth_forms.ResetPasswordForm):
    """Ask for the link to choose another password."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["email"] = email_field()
        self.helper = TpsFormHelper()


class NewPasswordMixin:
    """Hold a new password, in `password1`, against the rules for passwords."""

    def clean_password1(self):
        password = self.cleaned_data["password1"]
        validate_password(password, self.user)
        return password


class ResetPasswordKeyForm(NewPasswordMixin, allauth_forms.ResetPasswordKeyForm):
    """Choose another password, from the link of the email, which verifies the address."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["password1"] = password_field(is_new=True, label="Nouveau mot de passe")
        self.fields["password2"] = password_field(
            is_new=True, label="Le même, une seconde fois", help_text=""
        )
        self.helper = TpsFormHelper()

    def save(self):
        super().save()
        verify_email(self.user)


class ChangePasswordForm(NewPasswordMixin, allauth_forms.ChangePasswordForm):
    """Change one's password, knowing the current one."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"] = password_field(is_new=False, label="Mot de passe actuel")
        self.fields["password1"] = password_field(is_new=True, label="Nouveau mot de passe")
        self.fields["password2"] = password_field(
            is_new=True, label="Le nouveau, une seconde fois", help_text=""
        )
        self.order_fields(["oldpassword", "password1", "password2"])
        self.helper = TpsFormHelper()


class AddEmailForm(allauth_forms.AddEmailForm):
    """Give another address, which takes effect once verified."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["email"] = email_field(
            label="Nouvelle adresse électronique",
            help_text="Un email de vérification y sera envoyé. "
            "L’adresse actuelle reste la vôtre jusque-là.",
        )
        self.helper = TpsFormHelper()


class ReauthenticateForm(allauth_forms.ReauthenticateForm):
    """Give one's password again before a sensitive change."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["password"] = password_field(is_new=False)
        self.helper = TpsFormHelper()


class InvitationForm(forms.Form):
    """Choose the first password of an account made by an invitation."""

    password = password_field(is_new=True)

    def __init__(self, *args, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        self.helper = TpsFormHelper()

    def clean_password(self):
        password = self.cleaned_data["password"]
        validate_password(password, self.user)
        return password


class ProfileForm(forms.ModelForm):
    """The name under which a person is known to the people they deal with."""

    class Meta:
        model = User
        fields = ["first_name", "last_name"]
        labels = {"first_name": "Prénom", "last_name": "Nom"}
        widgets = {
            "first_name": forms.TextInput({"autocomplete": "given-name"}),
            "last_name": forms.TextInput({"autocomplete": "family-name"}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = TpsFormHelper()


class SetPasswordForm(NewPasswordMixin, allauth_forms.SetPasswordForm):
    """Choose a password for an account that FranceConnect or ProConnect opened."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["password1"] = password_field(is_new=True)
        self.fields["password2"] = password_field(
            is_new=True, label="Le même, une seconde fois", help_text=""
        )
        self.helper = TpsFormHelper()


class IdentitePasswordForm(forms.Form):
    """Prove that the account of an address is one's own."""

    password = password_field(is_new=False, label="Mot de passe de ce compte")

    def __init__(self, *args, request, user: User | None, **kwargs):
        super().__init__(*args, **kwargs)
        self.request, self.user = request, user
        self.helper = TpsFormHelper()

    def clean_password(self):
        """Check the password, as at sign-in: too many errors stop here too."""
        password = self.cleaned_data["password"]
        found = get_adapter(self.request).authenticate(
            self.request, email=self.user.email, password=password
        )
        if found is None or found.pk != self.user.pk:
            raise forms.ValidationError("Ce mot de passe est inexact.")
        return password


class IdentiteEmailForm(forms.Form):
    """Give the address of the account, to which a link is sent."""

    email = email_field(help_text=f"Un lien y sera envoyé. {EMAIL_HINT}")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = TpsFormHelper()

    def clean_email(self):
        return normalize_email(self.cleaned_data["email"])
