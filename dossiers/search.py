"""The text under which a dossier is found."""

from commun.text import fold
from dossiers.models import Dossier

SEARCH_TEXT_MAX = 20_000


def search_text_of(dossier: Dossier) -> str:
    """Return the folded text of what is searched: number, people, company, answers, file names."""
    etablissement = dossier.etablissement
    parts = [
        str(dossier.pk),
        dossier.prenom,
        dossier.nom,
        dossier.mandataire_name,
        dossier.beneficiaire_email,
        dossier.usager.email,
        dossier.usager.full_name,
    ]
    if etablissement is not None:
        parts += [etablissement.siret, etablissement.siren, etablissement.name]
    parts += [
        champ.search_text(dossier.reponses[champ.id])
        for champ in dossier.questionnaire.visible
        if champ.holds_answer and dossier.reponses.get(champ.id) is not None
    ]
    return fold(" ".join(part for part in parts if part))[:SEARCH_TEXT_MAX]


def refresh_search_text(dossier: Dossier) -> None:
    """Set the search text; the caller saves it."""
    dossier.search_text = search_text_of(dossier)
