"""Keys of API Entreprise that point to a local server."""

import pytest

from tests.http_server import serve

TOKEN = "jeton-tres-secret"


@pytest.fixture
def fake_api(settings):
    """Give the client a server of its own in place of API Entreprise."""
    with serve() as api:
        settings.API_ENTREPRISE_URL = api.url
        settings.API_ENTREPRISE_TOKEN = TOKEN
        settings.API_ENTREPRISE_INTERACTIVE_TIMEOUT_SECONDS = 2
        settings.API_ENTREPRISE_TASK_TIMEOUT_SECONDS = 3
        yield api
