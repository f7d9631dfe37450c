"""The pages that belong to no one."""

import pytest
from django.urls import reverse


@pytest.mark.parametrize("name", ["status", "legal", "privacy", "accessibility"])
def test_public_page_opens_without_an_account(client, db, name):
    response = client.get(reverse(name))

    assert response.status_code == 200
    assert "text/html" in response["Content-Type"]
