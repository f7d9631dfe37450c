"""Conditional passages: `[si nom_entreprise n’est pas vide] … [sinon] … [fin]` in a text.

A condition compares the value of one balise with a fixed text; nothing is evaluated as code, and
values are looked at, never read for tags or balises.
"""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from commun.text import fold
from procedures.balises import Balise, check_balises, fill_balises

DEPTH_MAX = 5
PROBLEMS_MAX = 20
NEWLINE = "\n"
# The spaces are left to `strip`: more of them here would take quadratic time.
_TAG = re.compile(r"\[(si[ \t][^\[\]\n]*|sinon|fin)\]")
_UNFINISHED = re.compile(r"\[si[ \t]")
_CONDITION = re.compile(
    r"si[ \t]+(?P<name>[a-z0-9_]+)[ \t]*(?P<operator>≠|!=|=|est vide$|n['’]est pas vide$)"
    r"(?P<value>.*)"
)
# What the menu of an editor inserts: its label, its text.
PASSAGES = [
    ("Si une balise est remplie", "[si nom_entreprise n’est pas vide]\nVotre texte\n[fin]"),
    ("Si une balise est vide", "[si nom_entreprise est vide]\nVotre texte\n[fin]"),
    ("Si une balise a telle valeur", "[si civilite_usager = Mme]\nVotre texte\n[fin]"),
    (
        "Selon une balise, l’un ou l’autre",
        "[si civilite_usager = Mme]\nVotre texte\n[sinon]\nUn autre texte\n[fin]",
    ),
]
FORMS = "« = valeur », « ≠ valeur », « est vide » ou « n’est pas vide »"


@dataclass(frozen=True)
class Condition:
    """A comparison: the balise, how it is compared, with what."""

    name: str
    operator: str
    value: str

    def holds(self, values: Mapping[str, str]) -> bool:
        """Tell whether it holds; case, accents and spaces in excess are no difference."""
        found = _comparable(values.get(self.name, ""))
        if self.operator == "est vide":
            return not found
        if self.operator in ("=", "≠", "!="):
            return (found == _comparable(self.value)) == (self.operator == "=")
        return bool(found)


@dataclass(frozen=True)
class _Tag:
    written: str
    start: int
    end: int

    @property
    def opens(self) -> bool:
        return self.written.startswith("si") and self.written != "sinon"

    @property
    def condition(self) -> Condition | None:
        """Return what it compares, None when it cannot be read."""
        match = _CONDITION.fullmatch(self.written.rstrip())
        if match is None or (match["operator"][0] in "=≠!" and not match["value"].strip()):
            return None
        return Condition(match["name"], match["operator"], match["value"].strip())


def fill_text(text: str, values: Mapping[str, str]) -> str:
    """Return `text` with the passages whose conditions hold, its balises filled in."""
    return fill_balises(select_passages(text, values), values)


def check_text(text: str, known: list[Balise]) -> None:
    """Raise ValidationError naming each wrong balise, and each wrong tag with its line."""
    problems = _problems(text.replace("\r\n", "\n"), {balise.name for balise in known})
    try:
        check_balises(text, known)
    except ValidationError as error:
        problems = [*error.messages, *problems]
    if problems:
        raise ValidationError(problems, code="balise")


def select_passages(text: str, values: Mapping[str, str]) -> str:
    """Return `text` without its tags nor the passages whose conditions do not hold.

    A text being typed is shown as well as it can be: a passage left open goes to the end.
    """
    text = text.replace("\r\n", "\n")
    kept, shown, position = [], [], 0
    for tag in _tags(text):
        start, end = _whole_line(text, tag)
        if all(shown):
            kept.append(text[position : max(start, position)])
        position = end
        if tag.opens:
            shown.append(tag.condition is not None and tag.condition.holds(values))
        elif tag.written == "sinon" and shown:
            shown[-1] = not shown[-1]
        elif shown:
            shown.pop()
    if all(shown):
        kept.append(text[position:])
    return "".join(kept)


def _tags(text: str) -> Iterator[_Tag]:
    return (_Tag(match[1], match.start(), match.end()) for match in _TAG.finditer(text))


def _whole_line(text: str, tag: _Tag) -> tuple[int, int]:
    """Return where the tag stands, with its line when it stands alone on it."""
    start = text.rfind("\n", 0, tag.start) + 1
    end = text.find("\n", tag.end)
    end = len(text) if end < 0 else end + 1
    alone = not text[start : tag.start].strip() and not text[tag.end : end].strip()
    return (start, end) if alone else (tag.start, tag.end)


def _problems(text: str, names: set[str]) -> list[str]:
    """Return what is wrong with the tags, in the order of the text."""
    found: list[tuple[int, str]] = []
    opened: list[tuple[_Tag, bool]] = []
    for tag in _tags(text):
        if tag.opens:
            opened.append((tag, False))
            if problem := _problem_of(tag, names):
                found.append((tag.start, problem))
            if len(opened) == DEPTH_MAX + 1:
                found.append((tag.start, f"pas plus de {DEPTH_MAX} passages l’un dans l’autre."))
        elif not opened:
            found.append((tag.start, f"« [{tag.written}] » ne répond à aucun « [si …] »."))
        elif tag.written == "sinon":
            opening, has_sinon = opened.pop()
            opened.append((opening, True))
            if has_sinon:
                found.append((tag.start, "ce passage a déjà un « [sinon] »."))
        else:
            opened.pop()
    found += [
        (opening.start, f"« [{_short(opening.written)}] » n’est pas refermé : ajoutez « [fin] ».")
        for opening, _ in opened
    ]
    closed = _TAG.sub(lambda match: " " * len(match[0]), text)
    found += [
        (match.start(), "« [si … » n’est pas fermé par un crochet sur la même ligne.")
        for match in _UNFINISHED.finditer(closed)
    ]
    return [
        f"Ligne {text.count(NEWLINE, 0, start) + 1} : {message}"
        for start, message in sorted(found)[:PROBLEMS_MAX]
    ]


def _problem_of(tag: _Tag, names: set[str]) -> str:
    """Say what is wrong with the condition of an opening tag, if anything."""
    if tag.condition is None:
        return f"« [{_short(tag.written)}] » ne se lit pas. Après le nom de la balise : {FORMS}."
    if tag.condition.name in names:
        return ""
    close = difflib.get_close_matches(tag.condition.name, names, n=1)
    hint = f" Vouliez-vous écrire « {close[0]} » ?" if close else ""
    return f"« {tag.condition.name} » n’est pas une balise.{hint}"


def _short(written: str) -> str:
    return written if len(written) <= 80 else f"{written[:79]}…"


def _comparable(text: str) -> str:
    return " ".join(fold(text).split())
