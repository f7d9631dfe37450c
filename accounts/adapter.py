"""How django-allauth behaves in TPS."""

from urllib.parse import urlsplit, urlunsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import (
    DefaultSocialAccountAdapter,
    _build_apps_from_settings,
)
from django.conf import settings
from django.db import transaction
from django.urls import reverse

from accounts.oidc.client import new_secret
from accounts.oidc.session import begin_closing, has_provider, take_provider
from accounts.roles import home_of
from commun.markdown import linkify_text
from courriels.outbox import enqueue
from courriels.rendering import wrap_html

WRONG_CODE = "Ce code est inexact ou a expiré. Saisissez celui qui s’affiche."
# The button of an email: the key of its address in the context of allauth, and its label.
_ACTIONS = {
    "activate_url": "Confirmer mon adresse",
    "password_reset_url": "Choisir un mot de passe",
    "signup_url": "Créer un compte",
}


class AccountAdapter(DefaultAccountAdapter):
    """Send emails through the outbox, and lead each person to their space."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "L’adresse ou le mot de passe est inexact. "
        "Vérifiez les deux, ou choisissez un nouveau mot de passe.",
        "too_many_login_attempts": "Trop d’essais à la suite. Patientez cinq minutes, ou "
        "choisissez un nouveau mot de passe.",
        "enter_current_password": "Saisissez votre mot de passe actuel.",
        "incorrect_password": "Ce mot de passe est inexact.",
        "incorrect_code": WRONG_CODE,
        "same_as_current": "Saisissez une adresse différente de l’actuelle.",
        "duplicate_email": "Cette adresse est déjà celle de votre compte.",
        "account_inactive": "Ce compte est fermé.",
    }

    def send_mail(self, template_prefix: str, email: str, context: dict) -> None:
        """Write the email in the outbox, in the transaction under way or its own."""
        context = context | {
            key: _on_this_site(context[key]) for key in _ACTIONS if context.get(key)
        }
        message = self.render_mail(
            template_prefix, email, {"email": email, "site_url": settings.SITE_URL} | context
        )
        key = next((key for key in _ACTIONS if context.get(key)), None)
        body_html = wrap_html(
            title=message.subject,
            content_html=linkify_text(message.body),
            action_url=context[key] if key else "",
            action_label=_ACTIONS[key] if key else "",
        )
        with transaction.atomic():
            enqueue(
                to=email,
                kind="compte",
                subject=message.subject,
                body_text=message.body,
                body_html=body_html,
            )

    def get_login_redirect_url(self, request) -> str:
        """Lead to the space of the person's most particular role."""
        return home_of(request.user)

    def get_login_stages(self) -> list[str]:
        """Trust the second factor that ProConnect asked for."""
        return [
            stage.replace("allauth.mfa.stages.Auth", "accounts.stages.Auth")
            for stage in super().get_login_stages()
        ]

    def get_logout_redirect_url(self, request) -> str:
        """Leave the provider too, when the session began there."""
        if request.user.is_authenticated and has_provider(request):
            return reverse("identite_close")
        return super().get_logout_redirect_url(request)

    def logout(self, request) -> None:
        """End the session here, keeping what ends the one at the provider."""
        opened = take_provider(request)
        super().logout(request)
        if opened is not None:
            begin_closing(request, opened)

    def get_password_change_redirect_url(self, request) -> str:
        """Go back to the account."""
        return reverse("account_profile")


def _on_this_site(url: str) -> str:
    """Return `url` at the address of the site, whatever host the request was sent to."""
    parts = urlsplit(url)
    return f"{settings.SITE_URL}{urlunsplit(('', '', *parts[2:]))}"


class SocialAdapter(DefaultSocialAccountAdapter):
    """Know the providers of the settings, and no other."""

    def list_apps(self, request, provider=None, client_id=None) -> list:
        """Return those that are turned on, without asking the database."""
        apps = _build_apps_from_settings(provider=provider, client_id=client_id)
        return [app for of_provider in apps.values() for app in of_provider]

    def generate_state_param(self, state: dict) -> str:
        """Return a `state` of 32 random bytes."""
        return new_secret()


class MfaAdapter(DefaultMFAAdapter):
    """Name the site in applications of authentication, and say errors in plain French."""

    error_messages = DefaultMFAAdapter.error_messages | {"incorrect_code": WRONG_CODE}

    def get_totp_issuer(self) -> str:
        """Return the name under which an application lists the account."""
        return "TPS"
