"""ClamAV, asked over the network by the protocol of its daemon, `clamd`."""

from typing import BinaryIO
from urllib.parse import urlsplit

from clamav_client.clamd import (
    BufferTooLongError,
    ClamdError,
    ClamdNetworkSocket,
    ClamdUnixSocket,
)
from django.conf import settings

DEFAULT_PORT = 3310
STREAM = "stream"


class AntivirusUnavailable(Exception):
    """No verdict: the daemon is down, slow, or answers what it should not. Try again later."""


class FileTooLongForAntivirus(AntivirusUnavailable):
    """The daemon refused a file of this size, or hung up in the middle of it.

    Unless it stopped just then, its `StreamMaxLength` is too small.
    """


def is_on() -> bool:
    """Tell whether files are scanned on this install."""
    return bool(settings.CLAMD_URL)


def find_virus(file: BinaryIO) -> str:
    """Return the name of what the antivirus finds in `file`, empty when it is clean.

    Raises AntivirusUnavailable when there is no verdict, whatever the reason.
    """
    try:
        answer = _daemon(settings.CLAMD_SCAN_TIMEOUT_SECONDS).instream(file)
    except (BufferTooLongError, BrokenPipeError, ConnectionResetError) as error:
        raise FileTooLongForAntivirus(f"{error}; StreamMaxLength trop court ?") from error
    except (ClamdError, OSError, ValueError) as error:
        raise AntivirusUnavailable(str(error) or type(error).__name__) from error
    status, signature = answer.get(STREAM, ("", None))
    if status == "OK":
        return ""
    if status == "FOUND":
        return signature or "?"
    raise AntivirusUnavailable(f"{status}: {signature}" if answer else "no answer")


def is_answering() -> bool:
    """Tell whether the daemon answers now."""
    daemon = _daemon(settings.CLAMD_PING_TIMEOUT_SECONDS)
    try:
        return daemon.ping().strip() == "PONG"
    except (ClamdError, OSError, ValueError):
        return False
    finally:
        daemon.clamd_socket.close()  # which the library leaves open when nobody answers


def _daemon(timeout_seconds: float) -> ClamdNetworkSocket:
    """Return the client of `CLAMD_URL`: `tcp://host:3310`, or `unix:///path/of/its.socket`."""
    address = urlsplit(settings.CLAMD_URL)
    if address.scheme == "unix":
        return ClamdUnixSocket(address.path, timeout=timeout_seconds)
    return ClamdNetworkSocket(
        address.hostname or "127.0.0.1", address.port or DEFAULT_PORT, timeout=timeout_seconds
    )
