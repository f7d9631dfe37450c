"""Text as it is searched: without accents or case."""

import re
import unicodedata

_FOLDED = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "’": "'", "\x00": " "})
_WORD = re.compile(r"[a-z0-9]+")


def fold(text: str) -> str:
    """Return `text` in lower case without accents, for comparison and search.

    The embedded PostgreSQL has no `unaccent`, so it is done here on both sides. PostgreSQL takes
    no NUL either: it counts as a space.
    """
    decomposed = unicodedata.normalize("NFKD", text.lower().translate(_FOLDED))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def words(text: str) -> list[str]:
    """Return the folded words of `text`, in order."""
    return _WORD.findall(fold(text))
