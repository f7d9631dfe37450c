"""What a dossier lacks before it can be submitted."""

from dataclasses import dataclass

from dossiers.models import Dossier
from procedures.champs import Champ


@dataclass(frozen=True)
class Problem:
    """Something to correct before submission; `champ` is None for the identification."""

    message: str
    champ: Champ | None = None


def problems_of(dossier: Dossier) -> list[Problem]:
    """Return what is missing or wrong, in the order of the form; empty when it may be submitted."""
    problems = []
    if not dossier.is_identified:
        problems.append(Problem("Indiquez qui dépose ce dossier."))
    files = {piece_jointe.champ_id for piece_jointe in dossier.pieces_jointes.all()}
    for champ in dossier.revision.formulaire.answerable():
        message = _problem_of(champ, dossier, has_file=champ.id in files)
        if message:
            problems.append(Problem(message, champ))
    return problems


def _problem_of(champ: Champ, dossier: Dossier, *, has_file: bool) -> str:
    if champ.holds_files:
        if champ.required and not has_file:
            return "Joignez le document demandé."
        return ""
    if champ.id in dossier.saisies_refusees:
        return "Corrigez cette réponse."
    if champ.required and dossier.reponses.get(champ.id) is None:
        return "Répondez à cette question."
    return ""
