"""What changed in a form while somebody has it open."""

from datetime import datetime

from django.utils.dateparse import parse_datetime

from dossiers.auteurs import auteur_of
from dossiers.models import Dossier


def changed_since(dossier: Dossier, since: datetime, *, page: str, user) -> list[str]:
    """Return the ids of the champs changed after `since` elsewhere than in `page` of `user`.

    A champ within a bloc of which rows came or went is left to its bloc. What `user` did with rows
    and files names no page: it was most likely this one.
    """
    changed = []
    questionnaire = dossier.questionnaire
    for champ in questionnaire.champs:
        auteur = auteur_of(dossier, champ.id)
        if auteur is None or auteur.at <= since:
            continue
        if (auteur.user_id, auteur.page) not in ((user.pk, page), (user.pk, "")):
            changed.append(champ.id)
    blocs = {champ.id for champ in questionnaire.champs if champ.is_bloc} & set(changed)
    inside = {
        inner.id
        for bloc in blocs
        for row in questionnaire.rows.get(bloc, [])
        for inner in row.champs
    }
    return [champ_id for champ_id in changed if champ_id not in inside]


def read_moment(text: str) -> datetime | None:
    """Return the aware datetime that `text` gives, None when it gives none."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None
