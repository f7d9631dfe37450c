"""Who else has the form of a dossier open now.

Kept in the cache alone: losing it shows nobody for a moment. Each open page says that it is
there; it counts as gone when it was not heard of for `GONE_AFTER`.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.core.cache import cache
from django.utils import timezone

GONE_AFTER = timedelta(seconds=75)
PAGES_MAX = 50


@dataclass(frozen=True)
class Presence:
    """The names of the others, once each, and whether oneself has another window open."""

    others: list[str]
    is_elsewhere: bool


def note_presence(dossier_id: int, page: str, *, user) -> Presence:
    """Note that `user` has the form open in `page`, and return who else has."""
    key, now = f"presence:{dossier_id}", timezone.now()
    pages = {
        name: seen
        for name, seen in (cache.get(key) or {}).items()
        if now - seen[2] < GONE_AFTER and name != page
    }
    latest = sorted(pages.items(), key=lambda item: item[1][2])[-PAGES_MAX:]
    here = {page: (user.pk, str(user), now)}
    cache.set(key, dict(latest) | here, timeout=GONE_AFTER.total_seconds())
    people = {user_id: name for user_id, name, _at in pages.values()}
    return Presence(
        others=sorted(name for user_id, name in people.items() if user_id != user.pk),
        is_elsewhere=user.pk in people,
    )
