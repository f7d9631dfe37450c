"""The regular expressions that administrateurs write: hostile, so read by a linear-time engine.

RE2 never backtracks: no pattern, `(a+)+$` included, makes an answer slow to check.
"""

from functools import lru_cache

import re2

EXPRESSION_MAX = 500
MEMORY_MAX_BYTES = 1024 * 1024
_REASONS = (
    ("missing )", "une parenthèse n’est pas refermée."),
    ("unexpected )", "une parenthèse fermante est de trop."),
    ("missing ]", "un crochet n’est pas refermé."),
    ("no argument for repetition", "un *, un + ou un ? ne répète rien."),
    ("bad repetition operator", "deux répétitions se suivent."),
    ("invalid repetition size", "une répétition est à l’envers, ou dépasse mille fois."),
    ("invalid character class range", "un intervalle est à l’envers, comme [z-a], ou une classe de "
        "caractères n’existe pas."),
    ("trailing \\", "elle se termine par une barre oblique inverse."),
    ("invalid escape sequence", "« \\ » précède un caractère qui n’en veut pas, ou un renvoi "
        "comme \\1, que ce site n’accepte pas."),
    ("invalid perl operator", "les conditions comme (?=…) ou (?<!…) ne sont pas acceptées."),
    ("invalid named capture", "le nom d’un groupe est mal écrit."),
    ("pattern too large", "elle est trop longue une fois ses répétitions développées."),
)  # fmt: skip


class ExpressionError(ValueError):
    """An expression that cannot be used; its text says why, in French."""


@lru_cache(maxsize=256)
def compile_expression(pattern: str):
    """Return the compiled expression. Raises ExpressionError."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = MEMORY_MAX_BYTES
    try:
        return re2.compile(pattern, options)
    except (re2.error, UnicodeError) as error:
        raise ExpressionError(f"Corrigez cette expression : {_reason(error)}") from None


def matches(pattern: str, text: str) -> bool:
    """Tell whether the whole of `text` has the form that `pattern` describes."""
    return compile_expression(pattern).fullmatch(text) is not None


def _reason(error: Exception) -> str:
    said = error.args[0] if error.args else ""
    said = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    found = (reason for sign, reason in _REASONS if said.startswith(sign))
    return next(found, "elle n’est pas comprise.")
