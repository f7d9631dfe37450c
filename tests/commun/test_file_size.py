"""The size of a file is written as people know it, in Ko and Mo."""

import pytest

from commun.file_size import file_size

MEGA = 1024 * 1024


@pytest.mark.parametrize(
    ("size_bytes", "expected"),
    [
        (0, "0 octet"),
        (1, "1 octet"),
        (1023, "1023 octets"),
        (1024, "1 Ko"),
        (2300, "2,2 Ko"),
        (MEGA - 1, "1 Mo"),
        (50 * MEGA, "50 Mo"),
        (1500 * MEGA, "1500 Mo"),
    ],
)
def test_size_is_written_in_ko_and_mo(size_bytes, expected):
    assert file_size(size_bytes) == expected.replace(" ", "\xa0")
