"""What of a brouillon was answered in advance, as its form says it."""

from dataclasses import dataclass

from dossiers.models import Dossier
from procedures.champs import Champ


@dataclass(frozen=True)
class Prefilled:
    """The champs a brouillon was answered in advance, and what did not fit."""

    champs: list[tuple[Champ, str]]
    refused: list[str]


def prefilled_of(dossier: Dossier) -> Prefilled | None:
    """Return what to check in a brouillon; None when nothing came in advance.

    Champs that left the form since, or are not asked any more, are left out. Those of rows are
    called after their row: « Dépense 1 · Montant ».
    """
    row = getattr(dossier, "preremplissage", None)
    if row is None or not dossier.is_brouillon:
        return None
    questionnaire = dossier.questionnaire
    labels = {
        champ.id: f"{item.label} · {champ.label}"
        for items in questionnaire.rows.values()
        for item in items
        for champ in item.champs
    }
    given = set(row.champ_ids)
    champs = [
        (champ, labels.get(champ.id, champ.label))
        for champ in questionnaire.visible
        if champ.id in given
    ]
    return Prefilled(champs, row.refused)
