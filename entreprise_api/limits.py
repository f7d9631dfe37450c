"""What every process must know before calling: kept in the cache, which may be wiped.

A call made while one should hold off costs a refusal; the ban that follows many lasts 12 hours.
"""

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.cache import cache

MAX_HOLD_SECONDS = 12 * 3600
REFUSED_TOKEN_SECONDS = 3600
_POLL_SECONDS = 0.1


def hold_off(seconds: int) -> None:
    """Make every worker and web process wait `seconds` before the next call."""
    seconds = max(1, min(seconds, MAX_HOLD_SECONDS))
    until = time.time() + seconds
    if until > cache.get(_hold_key(), 0):
        cache.set(_hold_key(), until, timeout=seconds)


def held_seconds() -> int:
    """Return how long every call must still wait, 0 when it may leave."""
    return max(0, round(cache.get(_hold_key(), 0) - time.time()))


def refuse_token(token: str) -> bool:
    """Stop calls with `token` for a while; say whether this was news."""
    return cache.add(_token_key(token), 1, timeout=REFUSED_TOKEN_SECONDS)


def is_token_refused(token: str) -> bool:
    """Say whether API Entreprise refused `token` lately."""
    return cache.get(_token_key(token)) is not None


@contextmanager
def one_call_at_a_time(siret: str, *, wait_seconds: float, call_seconds: float) -> Iterator[bool]:
    """Yield whether this process alone asks about `siret`, after waiting for the others.

    API Entreprise answers 409 to the second of two equal calls.
    """
    key = f"entreprise:en-cours:{siret}"
    deadline = time.monotonic() + wait_seconds
    while not (acquired := cache.add(key, 1, timeout=int(call_seconds) + 5)):
        if time.monotonic() >= deadline:
            break
        time.sleep(_POLL_SECONDS)
    try:
        yield acquired
    finally:
        if acquired:
            cache.delete(key)


def _hold_key() -> str:
    return f"entreprise:attente:{_digest(settings.API_ENTREPRISE_URL)}"


def _token_key(token: str) -> str:
    return f"entreprise:jeton-refuse:{_digest(token)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:24]
