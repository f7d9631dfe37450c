"""What the development server logs."""

import logging

import pytest

from tps.logs import StaticFilter


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
