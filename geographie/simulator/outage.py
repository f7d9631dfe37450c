"""The switch that cuts the simulator off for everybody; it comes back by itself."""

from django.core.cache import cache

OUTAGE_SECONDS = 3600
_KEY = "geographie:simulateur-coupe"


def is_cut() -> bool:
    """Say whether the simulator plays an outage."""
    return cache.get(_KEY) is not None


def cut() -> None:
    """Start an outage of an hour."""
    cache.set(_KEY, 1, timeout=OUTAGE_SECONDS)


def restore() -> None:
    """End the outage."""
    cache.delete(_KEY)
