"""Keeping what the service searches beside the answers: see `dossiers.models.TexteInterne`."""

from commun.text import fold
from dossiers.models import Dossier, TexteInterne
from procedures.questionnaire import Questionnaire

MESSAGES_TEXT_MAX = 60_000
ANNOTATIONS_TEXT_MAX = 20_000


def add_message_text(dossier: Dossier, *parts: str) -> None:
    """Let a locked dossier be found by a message; a long thread forgets its oldest ones."""
    texte = _texte_of(dossier)
    added = fold(" ".join(part for part in parts if part))
    texte.messages_text = f"{texte.messages_text} {added}".strip()[-MESSAGES_TEXT_MAX:]
    texte.save()


def refresh_annotations_text(dossier: Dossier, questionnaire: Questionnaire) -> None:
    """Let a locked dossier be found by the annotations it now has."""
    texte = _texte_of(dossier)
    said = [
        champ.search_text(dossier.annotations[champ.id])
        for champ in questionnaire.visible
        if champ.holds_answer and dossier.annotations.get(champ.id) is not None
    ]
    texte.annotations_text = fold(" ".join(filter(None, said)))[:ANNOTATIONS_TEXT_MAX]
    texte.save()


def _texte_of(dossier: Dossier) -> TexteInterne:
    found = TexteInterne.objects.filter(dossier=dossier).defer("search_vector").first()
    return found or TexteInterne(dossier=dossier, procedure_id=dossier.procedure_id)
