"""Who else has the form of a dossier open now.

Kept in the cache alone: losing it shows nobody for a moment. Each open page says that it is
there; it counts as gone when it was not heard of for `GONE_AFTER`.
"""

from datetime import timedelta

from django.core.cache import cache
from django.utils import timezone

GONE_AFTER = timedelta(seconds=75)
PAGES_MAX = 50


def note_presence(dossier_id: int, page: str, *, user) -> list[str]:
    """Note that `user` has the form open in `page`; return the names of the others, once each.

    Another window of the same person counts as « Vous, dans une autre fenêtre ».
    """
    key, now = f"presence:{dossier_id}", timezone.now()
    pages = {
        name: seen
        for name, seen in (cache.get(key) or {}).items()
        if now - seen[2] < GONE_AFTER and name != page
    }
    others = {
        "Vous, dans une autre fenêtre" if user_id == user.pk else name
        for user_id, name, _at in pages.values()
    }
    latest = sorted(pages.items(), key=lambda item: item[1][2])[-PAGES_MAX:]
    here = {page: (user.pk, str(user), now)}
    cache.set(key, dict(latest) | here, timeout=GONE_AFTER.total_seconds())
    return sorted(others)
