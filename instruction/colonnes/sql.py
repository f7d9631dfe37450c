"""Answers and texts as PostgreSQL reads them."""

from django.db.models import (
    BooleanField,
    DateTimeField,
    DecimalField,
    F,
    Func,
    JSONField,
    TextField,
    Value,
)

from commun.text import fold

# What `commun.text.fold` does letter by letter, for the letters of European languages.
_ACCENTED = [
    (letter, folded)
    for letter in map(chr, [*range(0x41, 0x5B), *range(0xC0, 0x250), *range(0x1E00, 0x1F00)])
    if len(folded := fold(letter)) == 1 and folded.isascii() and folded != letter
]
_FROM = "".join(letter for letter, _folded in _ACCENTED) + "’"
_TO = "".join(folded for _letter, folded in _ACCENTED) + "'"


class Extrait(Func):
    """A value inside a JSON document, as JSON."""

    function = "jsonb_extract_path"
    output_field = JSONField()


class ExtraitTexte(Func):
    """A value inside a JSON document, as text; NULL where there is none."""

    function = "jsonb_extract_path_text"
    output_field = TextField()


class Remplace(Func):
    """A text where another stands for each part of it."""

    function = "replace"
    output_field = TextField()


class Traduit(Func):
    """A text of which letters are replaced one for one."""

    function = "translate"
    output_field = TextField()


class Nombre(Func):
    """The number that a text writes, NULL when it writes none."""

    template = "substring(%(expressions)s from '^-?[0-9]{1,18}(?:[.][0-9]{1,9})?$')::numeric"
    output_field = DecimalField(max_digits=30, decimal_places=9)


class Moment(Func):
    """The moment that a text writes in ISO 8601, NULL when it writes none."""

    template = (
        "substring(%(expressions)s from '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(?:[+-][0-9:]+|Z)$')"
        "::timestamptz"
    )
    output_field = DateTimeField()


class Contient(Func):
    """Whether a text matches a regular expression."""

    template = "(%(expressions)s)"
    arg_joiner = " ~ "
    output_field = BooleanField()
    conditional = True


def answer(field: str, champ_id: str, *path: str) -> Extrait:
    """Return what a document of answers holds for a champ.

    Never a key transform: it takes an id made of digits alone for a rank.
    """
    return Extrait(F(field), Value(champ_id), *map(Value, path))


def answer_text(field: str, champ_id: str, *path: str) -> ExtraitTexte:
    """Return the same as text."""
    return ExtraitTexte(F(field), Value(champ_id), *map(Value, path))


def folded(text) -> Func:
    """Return a text as `commun.text.fold` makes it, but in PostgreSQL."""
    for ligature in ("œ", "Œ", "æ", "Æ", "ß"):
        text = Remplace(text, Value(ligature), Value(fold(ligature)))
    return Traduit(text, Value(_FROM), Value(_TO))
