"""Balises: the placeholders an administrateur puts into emails, written `{{ numero_dossier }}`."""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from procedures.formulaire import Formulaire
from procedures.models import Procedure

# The spaces around the name are left to `strip`: here they would take cubic time.
_BALISE = re.compile(r"\{\{([^{}]*)\}\}")
_BROKEN = re.compile(r"\{\{|\}\}")
CHAMP_PREFIX = "champ_"
# What the values of one text may weigh together: some thirty pages. A long answer, named by
# hundreds of balises, would hold a decision for minutes.
FILLED_MAX = 100_000


@dataclass(frozen=True)
class Balise:
    """A placeholder: its name, what the menu calls it, an invented value for previews."""

    name: str
    label: str
    sample: str

    @property
    def token(self) -> str:
        """Return what is written in the text."""
        return f"{{{{ {self.name} }}}}"


COMMON_BALISES = [
    Balise("numero_dossier", "Numéro du dossier", "1042"),
    Balise("titre_procedure", "Titre de la procédure", ""),
    Balise("nom_usager", "Nom de l’usager", "Camille Martin"),
    Balise("civilite_usager", "Civilité de l’usager", "Mme"),
    Balise("nom_entreprise", "Nom de l’entreprise", "Transports Martin SAS"),
    Balise("siret_entreprise", "SIRET de l’entreprise", "130 025 265 00013"),
    Balise("date_depot", "Date de dépôt", "02/11/2026"),
    Balise("date_passage_en_instruction", "Date de passage en instruction", "09/11/2026"),
    Balise("date_decision", "Date de la décision", "23/11/2026"),
    Balise(
        "motivation",
        "Motivation de la décision, ou motif de la reprise",
        "Votre dossier remplit les conditions.",
    ),
    Balise("lien_dossier", "Lien vers le dossier", "https://exemple.fr/dossiers/1042/"),
    Balise(
        "lien_attestation",
        "Lien vers l’attestation",
        "https://exemple.fr/dossiers/1042/attestation/",
    ),
    Balise("nom_service", "Nom du service", ""),
    Balise("email_service", "Adresse email du service", ""),
    Balise("groupe", "Groupe d’accompagnateurs", "Unité départementale du Nord"),
]


def balises_of(procedure: Procedure, formulaire: Formulaire) -> list[Balise]:
    """Return the balises that emails of this procédure may hold, its champs included."""
    own = {
        "titre_procedure": procedure.title,
        "nom_service": procedure.service_name or "Service instructeur",
        "email_service": procedure.service_email or "service@exemple.fr",
    }
    common = [
        Balise(balise.name, balise.label, own.get(balise.name, balise.sample))
        for balise in COMMON_BALISES
    ]
    return common + [
        Balise(f"{CHAMP_PREFIX}{champ.id}", f"Champ « {champ.label} »", champ.sample())
        for champ in formulaire.champs
        if champ.holds_answer and champ.bloc is None
    ]


def check_balises(text: str, known: list[Balise]) -> None:
    """Raise ValidationError naming each unknown or unfinished balise of `text`."""
    names = {balise.name for balise in known}
    problems = []
    for match in _BALISE.finditer(text):
        if (name := match[1].strip()) not in names:
            problems.append(_unknown(match[0], name, names))
    if _BROKEN.search(_BALISE.sub(" ", text)):
        problems.append(
            "Une balise est mal fermée : elle s’écrit avec deux accolades de chaque côté, "
            "par exemple « {{ numero_dossier }} »."
        )
    if problems:
        raise ValidationError(list(dict.fromkeys(problems)), code="balise")


def _unknown(written: str, name: str, names: set[str]) -> str:
    if name.startswith(CHAMP_PREFIX):
        return f"La balise « {written} » désigne un champ que le formulaire n’a pas."
    close = difflib.get_close_matches(name, names, n=1)
    hint = f" Vouliez-vous écrire « {{{{ {close[0]} }}}} » ?" if close else ""
    return f"La balise « {written} » n’existe pas.{hint}"


def sample_values(balises: list[Balise]) -> dict[str, str]:
    """Return the invented values of `balises`, by name."""
    return {balise.name: balise.sample for balise in balises}


def fill_balises(text: str, values: Mapping[str, str]) -> str:
    """Return `text` with each balise replaced by its value, an unknown one by nothing.

    Values are never read for balises again; beyond `FILLED_MAX` characters they are cut.
    """
    room = FILLED_MAX

    def fill(match: re.Match) -> str:
        nonlocal room
        value = values.get(match[1].strip(), "")[:room]
        room -= len(value)
        return value

    return _BALISE.sub(fill, text)
