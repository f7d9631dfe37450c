"""Keys of both services that point to a local server."""

import pytest

from tests.http_server import serve


@pytest.fixture
def fake_api(settings):
    """Give the client a server of its own in place of both services."""
    with serve() as api:
        settings.BAN_URL = settings.GEO_API_URL = api.url
        settings.GEOGRAPHIE_TIMEOUT_SECONDS = 10
        yield api
