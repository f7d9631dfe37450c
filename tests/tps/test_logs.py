"""What the development server logs."""

import logging

import pytest

from tps.logs import StaticFilter, without_secrets


@pytest.mark.parametrize(
    ("line", "status", "is_logged"),
    [
        ("GET /static/css/tps.css HTTP/1.1", "200", False),
        ("GET /static/css/tps.css HTTP/1.1", "304", False),
        ("GET /static/css/gone.css HTTP/1.1", "404", True),
        ("GET / HTTP/1.1", "200", True),
        ("GET /?suite=/static/ HTTP/1.1", "200", True),
    ],
)
def test_files_that_were_given_are_not_logged(line, status, is_logged):
    record = logging.LogRecord(
        "django.server", logging.INFO, "", 1, '"%s" %s %s', (line, status, "12"), None
    )

    assert StaticFilter().filter(record) is is_logged


def test_lines_without_a_request_are_logged():
    record = logging.LogRecord("django.server", logging.INFO, "", 1, "Watching", (), None)

    assert StaticFilter().filter(record)


@pytest.mark.parametrize(
    ("line", "logged"),
    [
        (
            "GET /compte/franceconnect/retour/?code=a/b?c&state=d HTTP/1.1",
            "GET /compte/franceconnect/retour/?… HTTP/1.1",
        ),
        (
            "GET /compte/proconnect/deconnexion/?state=d HTTP/1.1",
            "GET /compte/proconnect/deconnexion/?… HTTP/1.1",
        ),
        (
            "POST /compte/franceconnect/compte/lien/a-b_c/ HTTP/1.1",
            "POST /compte/franceconnect/compte/lien/…/ HTTP/1.1",
        ),
        ("GET /compte/invitation/abc/ HTTP/1.1", "GET /compte/invitation/…/ HTTP/1.1"),
        ("GET /compte/franceconnect/ HTTP/1.1", "GET /compte/franceconnect/ HTTP/1.1"),
    ],
)
def test_what_opens_an_account_is_not_logged(line, logged):
    assert without_secrets(line) == logged
