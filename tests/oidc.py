"""The provider of identities of tests, with TPS set to use it."""

import pytest

from accounts.oidc import tokens
from tests.oidc_provider import AGENT, ANGELA, CLIENT_ID, SECRET, Answers, Provider, serve
from tps.settings import _oidc_app


@pytest.fixture
def provider(settings) -> Provider:
    """Run a provider that plays FranceConnect and ProConnect, both turned on in TPS."""
    tokens._keys.cache_clear()
    with serve() as provider:
        settings.SOCIALACCOUNT_PROVIDERS = turned_on(
            provider, "franceconnect", settings.FRANCECONNECT_OPTIONS
        ) | turned_on(
            provider,
            "proconnect",
            settings.PROCONNECT_OPTIONS | {"algorithms": ["ES256"], "mfa_idp_ids": ["fia-1"]},
        )
        yield provider


def turned_on(provider: Provider, name: str, options: dict) -> dict:
    """Return the settings that turn `name` on, as those of the environment do."""
    return _oidc_app(name, provider.url, CLIENT_ID, SECRET, **options)


__all__ = ["AGENT", "ANGELA", "Answers", "Provider", "provider", "turned_on"]
