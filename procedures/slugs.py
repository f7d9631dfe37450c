"""Public addresses of procédures: proposed from a title, and never taken twice."""

from commun.text import words
from procedures.models import Procedure

SLUG_MAX = 100
SLUG_MIN = 3
FALLBACK = "procedure"


def slug_from(title: str) -> str:
    """Return the address that `title` suggests: folded words joined by hyphens."""
    slug = "-".join(words(title))[:SLUG_MAX].strip("-")
    return slug if len(slug) >= SLUG_MIN else FALLBACK


def free_slug(title: str) -> str:
    """Return the first address no procédure has: `aide`, else `aide-2`, `aide-3`…

    Another may take it before it is saved: the unique constraint has the last word.
    """
    wanted = slug_from(title)
    taken = set(
        Procedure.objects.filter(slug__startswith=wanted[: SLUG_MAX - 6]).values_list(
            "slug", flat=True
        )
    )
    slug, number = wanted, 1
    while slug in taken:
        number += 1
        ending = f"-{number}"
        slug = wanted[: SLUG_MAX - len(ending)].rstrip("-") + ending
    return slug
