"""Who gave each answer last, for those who fill in a dossier together.

`auteurs` of a dossier holds, by champ id, `{"by": 12, "name": "Marie Dupont", "at": "2026-…",
"page": "3f…"}`: the account, its name at that time, the moment, and the page it was typed in.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

PAGE_MAX = 32


@dataclass(frozen=True)
class Auteur:
    """Who gave an answer, when, and in which window."""

    user_id: int
    name: str
    at: datetime
    page: str


def note_auteur(feuille, champ_id: str, *, by, page: str = "") -> None:
    """Note who changes an answer now; the caller saves."""
    feuille.auteurs[champ_id] = {
        "by": by.pk,
        "name": str(by),
        "at": timezone.now().isoformat(),
        "page": page[:PAGE_MAX],
    }


def auteur_of(feuille, champ_id: str) -> Auteur | None:
    """Return who gave an answer last, None when it was never noted."""
    noted = feuille.auteurs.get(champ_id)
    if noted is None:
        return None
    at = datetime.fromisoformat(noted["at"])
    return Auteur(noted["by"], noted["name"], at, noted["page"])
