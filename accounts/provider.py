"""FranceConnect and ProConnect for django-allauth, which looks for them in a module so named."""

import json
from typing import ClassVar

import requests
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider

from accounts.oidc.client import OidcAdapter, new_secret
from accounts.oidc.errors import OidcUnavailable
from accounts.oidc.identity import FRANCECONNECT, NAMES, PROCONNECT


class OidcProvider(OpenIDConnectProvider):
    """What both share; `claims` are those that TPS keeps."""

    package = "accounts.oidc"
    oauth2_adapter_class = OidcAdapter
    claims: ClassVar[tuple[str, ...]] = ()

    def begin(self, request, *, next_url: str = "", **data):
        """Return the redirection to the provider; `data` comes back with the state.

        Raises OidcUnavailable. What the person may add to the address changes nothing.
        """
        nonce = new_secret()
        try:
            return self.redirect(
                request,
                AuthProcess.LOGIN,
                next_url=next_url or None,
                data={"nonce": nonce, **data},
                auth_params={"nonce": nonce, **self.extra_params(**data)},
            )
        except requests.RequestException:
            raise OidcUnavailable("discovery") from None

    def extra_params(self, **data) -> dict[str, str]:
        """Return what goes to the provider besides what OpenID Connect requires."""
        return {}


class FranceConnectProvider(OidcProvider):
    """For usagers: the identity that the State knows."""

    id = FRANCECONNECT
    name = NAMES[FRANCECONNECT]
    claims = ("given_name", "given_name_array", "family_name", "birthdate", "gender", "email")

    def extra_params(self, **data) -> dict[str, str]:
        """Ask for the level of assurance, which FranceConnect requires."""
        return {"acr_values": " ".join(self.app.settings["acr_values"])}


class ProConnectProvider(OidcProvider):
    """For agents: the identity that their organisation knows."""

    id = PROCONNECT
    name = NAMES[PROCONNECT]
    claims = ("given_name", "usual_name", "email", "uid", "siret", "idp_id")

    def extra_params(self, *, login_hint: str = "", **data) -> dict[str, str]:
        """Ask how the person proved who they are; with `login_hint`, for a second factor."""
        asked = {"amr": {"essential": True}}
        if login_hint:
            asked["acr"] = {"essential": True, "values": MFA_ACR_VALUES}
        params = {"prompt": "login", "claims": json.dumps({"id_token": asked})}
        return params | ({"login_hint": login_hint} if login_hint else {})


MFA_ACR_VALUES = [
    "eidas2",
    "eidas3",
    "https://proconnect.gouv.fr/assurance/self-asserted-2fa",
    "https://proconnect.gouv.fr/assurance/consistency-checked-2fa",
]
provider_classes = [FranceConnectProvider, ProConnectProvider]
