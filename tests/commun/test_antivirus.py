"""What clamd answers, and what it does not."""

import io
import time

import pytest

from commun import antivirus
from tests.clamd_server import EICAR, SIGNATURE, serve


@pytest.fixture
def clamd(settings):
    with serve() as clamd:
        settings.CLAMD_URL = clamd.url
        yield clamd


def test_clean_and_infected_contents_are_told_apart(clamd):
    content = b"%PDF-1.4" + bytes(5000)

    assert antivirus.find_virus(io.BytesIO(content)) == ""
    assert antivirus.find_virus(io.BytesIO(EICAR)) == SIGNATURE
    assert clamd.scanned == [content, EICAR]


def test_daemon_that_answers_is_known(clamd, settings):
    assert antivirus.is_on()
    assert antivirus.is_answering()

    clamd.garbage = b"whatever\n"
    assert not antivirus.is_answering()
    settings.CLAMD_URL = "tcp://127.0.0.1:9"
    assert not antivirus.is_answering()


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"\n",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\xff\xfe\x00OK\n",
        b"stream: Something ERROR\n",
        b"other: OK\n",
        b"OK\n",
    ],
)
def test_garbage_is_no_verdict(clamd, garbage):
    clamd.garbage = garbage

    with pytest.raises(antivirus.AntivirusUnavailable):
        antivirus.find_virus(io.BytesIO(b"content"))


def test_daemon_that_is_down_is_no_verdict(settings):
    settings.CLAMD_URL = "tcp://127.0.0.1:9"

    with pytest.raises(antivirus.AntivirusUnavailable):
        antivirus.find_virus(io.BytesIO(b"content"))


def test_slow_daemon_is_left_in_time(clamd, settings):
    settings.CLAMD_SCAN_TIMEOUT_SECONDS = 0.2
    clamd.delay_seconds = 2
    started = time.monotonic()

    with pytest.raises(antivirus.AntivirusUnavailable):
        antivirus.find_virus(io.BytesIO(b"content"))
    assert time.monotonic() - started < 1.5


@pytest.mark.parametrize("length", [101, 8 * 1024 * 1024], ids=["short", "hung up in the middle"])
def test_file_that_is_too_long_for_the_daemon_is_said_so(clamd, length):
    clamd.length_max = 100

    with pytest.raises(antivirus.FileTooLongForAntivirus):
        antivirus.find_virus(io.BytesIO(bytes(length)))


def test_socket_of_the_machine_may_be_named(settings, tmp_path):
    settings.CLAMD_URL = f"unix://{tmp_path}/clamd.ctl"

    with pytest.raises(antivirus.AntivirusUnavailable, match=r"clamd\.ctl"):
        antivirus.find_virus(io.BytesIO(b"content"))
