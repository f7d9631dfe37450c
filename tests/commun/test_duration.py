"""How a page writes a number of minutes."""

import pytest

from commun.templatetags.tps_format import duration


@pytest.mark.parametrize(
    ("minutes", "shown"),
    [
        (1, "1 minute"),
        (45, "45 minutes"),
        (60, "1\u00a0h"),
        (65, "1\u00a0h\u00a005"),
        (135, "2\u00a0h\u00a015"),
    ],
)
def test_minutes_are_written_as_people_say_them(minutes, shown):
    assert duration(minutes) == shown
