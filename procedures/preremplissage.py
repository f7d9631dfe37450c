"""Prefilled links: `/commencer/<slug>/?champ_<id>=…&identite_nom=…`, read and written.

A link is anybody's: each value is checked as if it were typed, and what does not fit is left out
and named. Names and values are those of today's national platform, but for the ids of the champs.
"""

import hashlib
import re
from collections import defaultdict
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from django.core.exceptions import ValidationError
from pydantic import JsonValue

from procedures.champs import Champ, champ_of_row
from procedures.champs.bloc import BlocRepetableChamp
from procedures.champs.identite import CIVILITES
from procedures.enums import LIEN_MAX_CHARACTERS
from procedures.formulaire import Formulaire
from procedures.models import Procedure
from procedures.questionnaire import Questionnaire, initial_reponses

PREFIXES = ("champ_", "identite_")
PARAMETERS_MAX = 1000
NAME_MAX = 150
# The columns of a dossier that say who applies, by parameter.
IDENTITE = {"identite_genre": "civilite", "identite_prenom": "prenom", "identite_nom": "nom"}
_IDENTITE_LABELS = {"civilite": "Civilité", "prenom": "Prénom", "nom": "Nom"}
_CHAMP = re.compile(r"champ_([a-z0-9]{3,32})(?:\[\])?")
_ROW = re.compile(r"champ_([a-z0-9]{3,32})\[([0-9]{1,3})\]\[champ_([a-z0-9]{3,32})\](?:\[\])?")

Pairs = list[tuple[str, str]]


class LienTooLong(ValueError):
    """A link longer than any that is written here."""


@dataclass
class Preremplissage:
    """What a link, or a dossier that comes before, answers in advance."""

    # Stored answers by champ id, those of rows as a dossier has them, and the rows of blocs.
    reponses: dict[str, JsonValue] = field(default_factory=dict)
    # The champs that are answered, in the order of the form; no bloc is one of them.
    champ_ids: list[str] = field(default_factory=list)
    identite: dict[str, str] = field(default_factory=dict)
    # The labels of what was given an answer that does not fit, or that is not asked.
    refused: list[str] = field(default_factory=list)
    # How many parameters name no question of the form.
    ignored: int = 0

    @property
    def count(self) -> int:
        """Return how many answers are given."""
        return len(self.champ_ids) + len(self.identite)

    def answer(self, champ: Champ, stored: JsonValue) -> None:
        """Note the answer to a champ."""
        self.reponses[champ.id] = stored
        self.champ_ids.append(champ.id)

    def refuse(self, label: str) -> None:
        """Note that what was given to the champ of that label is left out."""
        if label not in self.refused:
            self.refused.append(label)

    @property
    def is_nothing(self) -> bool:
        """Tell whether there is nothing to say of it."""
        return not (self.count or self.refused or self.ignored)


def lien_of(query_string: str) -> str:
    """Return what, of a query, prefills: canonical, an empty string for nothing.

    Raises LienTooLong.
    """
    if not any(prefix in query_string for prefix in PREFIXES):
        return ""
    if len(query_string) > LIEN_MAX_CHARACTERS:
        raise LienTooLong
    lien = urlencode([pair for pair in _pairs(query_string) if pair[0].startswith(PREFIXES)])
    # It comes back as it is written here, perhaps longer: what is announced must be taken then.
    if len(lien) > LIEN_MAX_CHARACTERS:
        raise LienTooLong
    return lien


def digest_of(lien: str) -> str:
    """Return the mark of a link, which tells nothing of what it holds."""
    return hashlib.blake2b(lien.encode(), digest_size=16).hexdigest()


def read_lien(procedure: Procedure, formulaire: Formulaire, lien: str) -> Preremplissage:
    """Return what `lien`, as `lien_of` gives it, answers in a form of `procedure`.

    Raises LienTooLong.
    """
    found = Preremplissage()
    plain: dict[str, list[str]] = defaultdict(list)
    rows: dict[str, dict[int, dict[str, list[str]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(list))
    )
    for name, value in _pairs(lien):
        if not value.strip():
            continue
        if name in IDENTITE and procedure.accepts_particuliers:
            _read_identite(IDENTITE[name], value, found)
        elif match := _CHAMP.fullmatch(name):
            plain[match[1]].append(value)
        elif match := _ROW.fullmatch(name):
            rows[match[1]][int(match[2])][match[3]].append(value)
        else:
            found.ignored += 1
    known = formulaire.by_id
    found.ignored += sum(key not in known or known[key].bloc is not None for key in plain)
    found.ignored += sum(key not in known or not known[key].is_bloc for key in rows)
    for champ in formulaire.champs:
        if champ.is_bloc:
            _read_rows(formulaire, champ, rows.get(champ.id, {}), found)
        if champ.bloc is None and champ.id in plain:
            _read_champ(champ, plain[champ.id], found)
    return without_hidden(formulaire, found)


def without_hidden(formulaire: Formulaire, found: Preremplissage) -> Preremplissage:
    """Take the answers out that the others hide, and name them."""
    questionnaire = Questionnaire(formulaire, initial_reponses(formulaire) | found.reponses)
    for key in questionnaire.hidden & found.reponses.keys():
        del found.reponses[key]
        found.refuse(questionnaire.by_id[key].label)
    found.champ_ids = [key for key in found.champ_ids if key in found.reponses]
    return found


def write_lien(
    formulaire: Formulaire, reponses: dict[str, JsonValue], identite: dict[str, str]
) -> str:
    """Return the query of the link that gives these stored answers; `read_lien` reads it back."""
    pairs: Pairs = [
        (name, identite[column]) for name, column in IDENTITE.items() if identite.get(column)
    ]
    for champ in formulaire.champs:
        if champ.is_bloc:
            for index, row_id in enumerate(champ.row_ids(reponses.get(champ.id))):
                for inside in formulaire.champs_of(champ):
                    stored = reponses.get(champ_of_row(inside, row_id).id)
                    name = f"champ_{champ.id}[{index}][champ_{inside.id}]"
                    pairs += _pairs_of(name, inside, stored)
        elif champ.bloc is None:
            pairs += _pairs_of(champ.field_name, champ, reponses.get(champ.id))
    return urlencode(pairs)


def _pairs(query: str) -> Pairs:
    try:
        return parse_qsl(query, keep_blank_values=True, max_num_fields=PARAMETERS_MAX)
    except ValueError:
        raise LienTooLong from None


def _pairs_of(name: str, champ: Champ, stored: JsonValue) -> Pairs:
    values = champ.to_link(stored) if champ.is_prefillable and stored is not None else []
    ending = "[]" if champ.link_values_max > 1 else ""
    return [(f"{name}{ending}", value) for value in values]


def _read_identite(column: str, value: str, found: Preremplissage) -> None:
    text = " ".join(value.replace("\x00", "").split())
    if len(text) > NAME_MAX or (column == "civilite" and text not in CIVILITES):
        found.refuse(_IDENTITE_LABELS[column])
    elif text:
        found.identite[column] = text


def _read_champ(champ: Champ, values: list[str], found: Preremplissage) -> None:
    try:
        if not champ.is_prefillable:
            raise ValidationError("Cette question ne se remplit pas par un lien.")
        stored = champ.from_link(values)
    except ValidationError:
        found.refuse(champ.label)
    else:
        if stored is not None:
            found.answer(champ, stored)


def _read_rows(
    formulaire: Formulaire,
    bloc: BlocRepetableChamp,
    rows: dict[int, dict[str, list[str]]],
    found: Preremplissage,
) -> None:
    """Read the rows of a bloc in the order of their numbers, the first `rows_max` alone."""
    inside = {champ.id: champ for champ in formulaire.champs_of(bloc)}
    kept: list[JsonValue] = []
    for index in sorted(rows)[: bloc.rows_max]:
        row_id = str(len(kept) + 1)
        found.ignored += len(rows[index].keys() - inside.keys())
        before = found.count
        for champ in inside.values():
            if champ.id in rows[index]:
                _read_champ(champ_of_row(champ, row_id), rows[index][champ.id], found)
        if found.count > before:
            kept.append(row_id)
    if kept:
        found.reponses[bloc.id] = kept
    if len(rows) > bloc.rows_max:
        found.refuse(bloc.label)
