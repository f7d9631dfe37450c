"""Answers and files given to champs that a newer form no longer has: they stay readable."""

from dataclasses import dataclass

from dossiers.models import Dossier, PieceJointe
from procedures.champs import Champ, base_id
from procedures.formulaire import Formulaire
from procedures.models import Revision
from procedures.part import ANNOTATIONS, CHAMPS, Part
from procedures.questionnaire import Questionnaire


@dataclass(frozen=True)
class AncienneReponse:
    """An answer, or files, and the question as it was asked then."""

    champ: Champ
    revision_number: int
    text: str
    files: list[PieceJointe]


def anciennes_reponses(dossier: Dossier) -> list[AncienneReponse]:
    """Return what was given to champs that left the form, in the order of the forms that asked.

    What that form hid, a row that was removed or a champ that was not asked, stays hidden. Costs
    one query where there is something to find, none otherwise.
    """
    files: dict[str, list[PieceJointe]] = {}
    for file in dossier.files:
        files.setdefault(file.champ_id, []).append(file)
    return _given_to_former(dossier, CHAMPS, dossier.reponses, files)


def anciennes_annotations(dossier: Dossier) -> list[AncienneReponse]:
    """Return what accompagnateurs noted in annotations that left the form, likewise."""
    return _given_to_former(dossier, ANNOTATIONS, dossier.annotations, {})


def _given_to_former(
    dossier: Dossier, part: Part, reponses: dict, files: dict[str, list[PieceJointe]]
) -> list[AncienneReponse]:
    """Return what was given to the champs that left a part of the form."""
    known = part.of(dossier.revision.formulaire).by_id
    keys = {key for key in (*reponses, *files) if base_id(key) not in known}
    if not keys:
        return []
    found = []
    for number, formulaire in _earlier_forms(dossier):
        asked = Questionnaire(part.of(formulaire), reponses)
        for champ in asked.champs:
            if champ.id not in keys:
                continue
            keys.remove(champ.id)
            given = files.get(champ.id, [])
            text = _text(champ, reponses.get(champ.id))
            if champ.id not in asked.hidden and (text or given):
                found.append(AncienneReponse(champ, number, text, given))
    return found


def _earlier_forms(dossier: Dossier) -> list[tuple[int, Formulaire]]:
    """Return the forms published before that of the dossier, the newest first."""
    rows = (
        Revision.objects.published()
        .filter(procedure_id=dossier.procedure_id, number__lt=dossier.revision.number)
        .order_by("-number")
    )
    return [(revision.number, revision.formulaire) for revision in rows]


def _text(champ: Champ, stored) -> str:
    """Return an answer as a person reads it; that of a bloc is the answers of its rows."""
    if stored is None or not champ.holds_answer:
        return ""
    try:
        return champ.display(stored)
    except (ValueError, TypeError, ArithmeticError, AttributeError, KeyError):
        return str(stored)
