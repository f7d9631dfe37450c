"""The buttons of FranceConnect and ProConnect, and the identities of an account."""

from allauth.socialaccount.adapter import get_adapter
from django import template
from django.urls import reverse
from django.utils.http import urlencode

from accounts.identites import identities_of, identity_label
from accounts.oidc.identity import FRANCECONNECT, NAMES, PROCONNECT, birthdate, text_of

register = template.Library()
_ABOUT = {
    FRANCECONNECT: "https://franceconnect.gouv.fr/",
    PROCONNECT: "https://www.proconnect.gouv.fr/",
}


@register.inclusion_tag("accounts/includes/connect_button.html", takes_context=True)
def connect_button(context, provider: str) -> dict:
    """Show the button of `provider`, whose sign-in goes on to `next` of the page."""
    next_url = context.get("redirect_field_value")
    query = f"?{urlencode({'next': next_url})}" if next_url else ""
    return {
        "name": NAMES[provider],
        "url": f"{reverse(f'{provider}_begin')}{query}",
        "about_url": _ABOUT[provider],
    }


@register.simple_tag(takes_context=True)
def connect_providers(context) -> dict[str, bool]:
    """Return which providers are turned on, by id."""
    apps = get_adapter().list_apps(context.get("request"))
    turned_on = {app.provider_id for app in apps}
    return {provider: provider in turned_on for provider in NAMES}


@register.simple_tag
def linked_identities(user) -> list[dict]:
    """Return the identities linked to the account of `user`, for their profile."""
    return [
        {
            "pk": identity.pk,
            "provider": NAMES[identity.provider],
            "label": identity_label(identity),
            "birthdate": birthdate(identity.extra_data),
            "gender": text_of(identity.extra_data, "gender"),
            "linked_at": identity.date_joined,
        }
        for identity in identities_of(user)
    ]
