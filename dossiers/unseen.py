"""What a dossier keeps while it is filled in, and drops when it is filed."""

from dossiers.models import Dossier
from dossiers.retrait import retire_files
from procedures.champs import base_id


def drop_unseen(dossier: Dossier) -> list[str]:
    """Drop the answers and files of hidden champs and of removed rows; the caller saves.

    They are kept until then, so that a change of mind loses nothing. Answers to champs that a
    new form no longer has stay: they were given. Returns the names of the fields it changed.
    """
    formulaire, questionnaire = dossier.revision.formulaire, dossier.questionnaire
    if not any(champ.condition or champ.is_bloc for champ in formulaire.champs):
        return []
    dossier.reponses = questionnaire.kept()
    seen = {champ.id for champ in questionnaire.visible}
    dossier.saisies_refusees = {
        key: typed for key, typed in dossier.saisies_refusees.items() if key in seen
    }
    unseen = [
        file
        for file in dossier.files
        if file.champ_id not in seen and base_id(file.champ_id) in formulaire.by_id
    ]
    retire_files(unseen)
    return ["reponses", "saisies_refusees"]
