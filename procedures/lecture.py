"""Reading an exchange document someone sent: hostile until checked, each error at its place."""

import json
import re
from typing import Any

import pydantic

from procedures.champs import CHAMP_TYPES
from procedures.echange import FORMAT, VERSION, Echange, check_files, check_images
from procedures.part import ANNOTATIONS
from procedures.validation import french_error

ELEMENTS_MAX = 1_000_000
ERRORS_MAX = 20
LABEL_SHOWN_MAX = 60
SEPARATOR = " \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} "
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


class UnreadableEchange(Exception):
    """A document that cannot be imported; `problems` says what to mend and where, in French."""

    def __init__(self, problems: list[str]):
        super().__init__(*problems)
        shown = problems[:ERRORS_MAX]
        if len(problems) > ERRORS_MAX:
            shown.append(f"Et {len(problems) - ERRORS_MAX} autres erreurs.")
        self.problems = shown


def read_echange(raw: bytes) -> Echange:
    """Return the checked document that `raw` holds. Raises UnreadableEchange."""
    data = _load(raw)
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise UnreadableEchange(
            ["Ce fichier n’est pas une procédure exportée de TPS (« format » : « tps-procedure »)."]
        )
    if data.get("version") != VERSION:
        raise UnreadableEchange(
            [f"version : ce site lit la version {VERSION} du format. Exportez de nouveau."]
        )
    problems = _unstorable(data)
    if problems:
        raise UnreadableEchange(problems)
    try:
        echange = Echange.model_validate(data)
    except pydantic.ValidationError as error:
        raise UnreadableEchange(
            [_located(data, item) for item in error.errors(include_url=False, include_input=False)]
        ) from None
    problems = _misplaced(data, echange) + _wrong_files(data, echange)
    if problems:
        raise UnreadableEchange(problems)
    return echange


def _wrong_files(data: dict, echange: Echange) -> list[str]:
    """Say what is wrong with the blank forms and the images."""
    wrong = {
        ("formulaires_vierges", str(key)): messages
        for key, messages in check_files(echange).items()
    } | check_images(echange)
    return [
        f"{_place(data, place)} : {message}"
        for place, messages in wrong.items()
        for message in messages
    ]


def _load(raw: bytes) -> Any:
    # Millions of tiny values would weigh far more in memory than in the file.
    if sum(raw.count(mark) for mark in (b",", b"[", b"{")) > ELEMENTS_MAX:
        raise UnreadableEchange(["Ce fichier contient trop d’éléments."])
    try:
        return json.loads(raw, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise UnreadableEchange(
            [f"Ligne {error.lineno}, colonne {error.colno} : ce n’est pas du JSON."]
        ) from None
    except RecursionError:
        raise UnreadableEchange(["Ce fichier imbrique trop d’éléments."]) from None
    except ValueError:  # not text, or a number of thousands of digits
        raise UnreadableEchange(["Ce fichier n’est pas un texte JSON lisible."]) from None


def _refuse_constant(name: str):
    raise ValueError(name)


def _unstorable(data: dict) -> list[str]:
    """Name the texts, at any depth, that no database can keep."""
    found = []
    stack: list[tuple[tuple, Any]] = [((), data)]
    while stack:
        path, value = stack.pop()
        if isinstance(value, str):
            if _UNSTORABLE.search(value):
                found.append(path)
        elif isinstance(value, dict):
            stack.extend(((*path, key), child) for key, child in value.items())
            found.extend((*path, key) for key in value if _UNSTORABLE.search(key))
        elif isinstance(value, list):
            stack.extend(((*path, rank), child) for rank, child in enumerate(value))
    return [f"{_place(data, path)} : retirez les caractères invisibles." for path in found]


def _misplaced(data: dict, echange: Echange) -> list[str]:
    """Name the annotations that the builder would not have made: files, what is of an usager."""
    return [
        f"{_place(data, ('formulaire', 'annotations', rank))} : ce type de champ ne va qu’au "
        "formulaire."
        for rank, champ in enumerate(echange.formulaire.annotations)
        if champ.type in ANNOTATIONS.excluded_types
    ]


def _located(data: Any, item) -> str:
    place = _place(data, item["loc"])
    message = french_error(item)
    return f"{place} : {message}" if place else message


def _place(data: Any, loc: tuple) -> str:
    """Write where an error stands: the form, `champ 3 (« Montant »)`, `options`."""
    parts: list[str] = []
    value = data
    for step, parent in zip(loc, ("", *loc), strict=False):
        if isinstance(parent, int) and step in CHAMP_TYPES:
            continue  # pydantic's own step through the union of types
        value = _child(value, step)
        if step == "champs" and parent == "formulaire":
            continue
        if isinstance(step, int):
            noun = "champ" if parent == "champs" else "élément"
            parts.append(f"{noun} {step + 1}{_quoted(value, 'label')}")
        else:
            named = _quoted(value, "name") if parent == "formulaires_vierges" else ""
            parts.append(f"{_shown(step)}{named}")
    return SEPARATOR.join(parts)


def _child(value: Any, step: str | int) -> Any:
    try:
        return value[step]
    except (KeyError, IndexError, TypeError):
        return None


def _quoted(value: Any, key: str) -> str:
    text = _child(value, key)
    return f" (« {_shown(text)} »)" if isinstance(text, str) and text else ""


def _shown(text: str) -> str:
    return _UNSTORABLE.sub("�", str(text))[:LABEL_SHOWN_MAX]
