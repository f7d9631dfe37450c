"""Talk to a provider: where its pages are, and what it says of who comes back from them."""

from secrets import token_urlsafe
from typing import ClassVar

import requests
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.core.cache import cache
from django.urls import reverse

from accounts.oidc.errors import OidcError, OidcUnavailable
from accounts.oidc.identity import Identity
from accounts.oidc.tokens import Verifier

DISCOVERY_LIFETIME_SECONDS = 3600
NONCE_BYTES = 32
SUB_MAX = 191  # what django-allauth stores
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
JWT_TYPE = "application/jwt"


def new_secret() -> str:
    """Return 43 random characters, for a `state` or a `nonce`."""
    return token_urlsafe(NONCE_BYTES)


class OidcAdapter(OpenIDConnectOAuth2Adapter):
    """django-allauth's, with the checks that FranceConnect and ProConnect ask for."""

    basic_auth: ClassVar[bool] = False  # `client_secret_post`

    @property
    def openid_config(self) -> dict:
        """Return the document of discovery, read again every hour. Raises OidcUnavailable."""
        if not hasattr(self, "_openid_config"):
            url = self.get_provider().server_url
            self._openid_config = cache.get(f"oidc:{url}") or self._discover(url)
        return self._openid_config

    def get_callback_url(self, request, app) -> str:
        """Return the registered address, whatever host the request was sent to."""
        return f"{settings.SITE_URL}{reverse(f'{self.provider_id}_callback')}"

    def identify(self, code: str, *, nonce: str) -> Identity:
        """Exchange `code` and return who it stands for. Raises OidcError, OidcUnavailable."""
        provider = self.get_provider()
        id_token, access_token = self._exchange(provider.app, code)
        verifier = self._verifier(provider.app)
        claims = verifier.read(id_token)
        if not nonce or claims.get("nonce") != nonce:
            raise OidcError("nonce")
        expected = provider.app.settings.get("acr_values")
        if expected and claims.get("acr") not in expected:
            raise OidcError("acr")
        userinfo = verifier.read(self._userinfo(access_token))
        if userinfo["sub"] != claims["sub"] or not 0 < len(claims["sub"]) <= SUB_MAX:
            raise OidcError("sub")
        amr = claims.get("amr")
        return Identity(
            provider=provider.id,
            uid=claims["sub"],
            claims={name: userinfo[name] for name in provider.claims if userinfo.get(name)},
            id_token=id_token,
            amr=amr if isinstance(amr, list) else [],
        )

    def _discover(self, url: str) -> dict:
        try:
            with get_adapter().get_requests_session() as session:
                response = session.get(url)
                response.raise_for_status()
                config = response.json()
            found = {name: str(config[name]) for name in (*_ENDPOINTS, "issuer")}
        except (requests.RequestException, KeyError, TypeError):
            raise OidcUnavailable("discovery") from None
        if found["issuer"].rstrip("/") != self.get_provider().app.settings["server_url"]:
            raise OidcUnavailable("issuer")
        found["end_session_endpoint"] = str(config.get("end_session_endpoint", ""))
        cache.set(f"oidc:{url}", found, DISCOVERY_LIFETIME_SECONDS)
        return found

    def _exchange(self, app, code: str) -> tuple[str, str]:
        """Return the ID token and the access token. The errors of the library quote answers."""
        try:
            answer = self.get_client(self.request, app).get_access_token(code)
        except OAuth2Error:
            raise OidcError("code") from None
        except requests.RequestException:
            raise OidcUnavailable("token") from None
        tokens = (answer.get("id_token"), answer.get("access_token"))
        if not all(isinstance(token, str) and token for token in tokens):
            raise OidcError("token")
        return tokens

    def _userinfo(self, access_token: str) -> str:
        """Return the signed answer; one that is not signed counts for nothing."""
        headers = {"Authorization": f"Bearer {access_token}"}
        try:
            with get_adapter().get_requests_session() as session:
                response = session.get(self.profile_url, headers=headers)
                response.raise_for_status()
        except requests.RequestException:
            raise OidcUnavailable("userinfo") from None
        if response.headers.get("Content-Type", "").partition(";")[0].strip() != JWT_TYPE:
            raise OidcError("userinfo")
        return response.text.strip()

    def _verifier(self, app) -> Verifier:
        return Verifier(
            issuer=self.openid_config["issuer"],
            client_id=app.client_id,
            jwks_uri=self.openid_config["jwks_uri"],
            algorithms=tuple(app.settings["algorithms"]),
            secret=app.secret,
        )
