"""Reading the answers of other services, which may drip, flood or break off."""

import time

import requests

CHUNK_BYTES = 64 * 1024


class BodyTooSlow(Exception):
    """The body did not arrive in time."""


class BodyTooBig(Exception):
    """The body is longer than any answer expected."""


def read_body(response: requests.Response, *, deadline: float, max_bytes: int) -> bytes:
    """Read the body piece by piece, so that a drip or a flood cannot hold the caller.

    `deadline` is a time of `time.monotonic()`; the response comes from a call with `stream`.
    Raises BodyTooSlow, BodyTooBig, urllib3's HTTPError, OSError.
    """
    pieces, size = [], 0
    while piece := response.raw.read1(CHUNK_BYTES, decode_content=True):
        pieces.append(piece)
        size += len(piece)
        if size > max_bytes:
            raise BodyTooBig
        if time.monotonic() > deadline:
            raise BodyTooSlow
    return b"".join(pieces)
