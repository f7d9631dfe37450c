"""The companies that the answers of a dossier name: looked up as the one that applies is."""

from collections.abc import Callable, Collection

from django.db import transaction
from django.http import QueryDict

from dossiers.models import Dossier
from entreprise_api.enums import LookupState
from entreprise_api.exceptions import EtablissementNotDiffusible, EtablissementNotFound
from entreprise_api.lookup import look_up, postpone
from entreprise_api.models import Etablissement


def look_up_cited(
    dossier: Dossier, data: QueryDict, *, champ_ids: Collection[str] | None, may_call: Callable
) -> bool:
    """Look up the companies whose SIRET is posted for the first time; before anything is locked.

    Once the API fails to answer, the others are left to the tasks. Return whether each could be
    asked for: `may_call()` says if one more call is allowed.
    """
    is_answering = True
    for siret in _new_sirets(dossier, data, champ_ids):
        if not may_call():
            return False
        etablissement = _look_up(siret, dossier, at_once=is_answering)
        is_answering = not etablissement.is_pending
        _cite(dossier, etablissement)
    return True


def _cite(dossier: Dossier, etablissement: Etablissement) -> None:
    """Keep what is known of a company now in place of what was."""
    with transaction.atomic():
        cited = dossier.etablissements_cites
        cited.remove(*cited.filter(siret=etablissement.siret))
        cited.add(etablissement)
    dossier.__dict__.pop("contexte", None)


def _new_sirets(dossier: Dossier, data: QueryDict, champ_ids: Collection[str] | None) -> list[str]:
    """Return the posted SIRETs that were never looked up, or that INSEE did not know yet."""
    sirets = []
    for champ in dossier.questionnaire.champs:
        if not champ.cites_etablissement or (champ_ids is not None and champ.id not in champ_ids):
            continue
        siret = champ.siret_of(data.get(champ.field_name))
        known = dossier.contexte.etablissements.get(siret) if siret else None
        if siret and (known is None or known.state == LookupState.INTROUVABLE):
            sirets.append(siret)
    return list(dict.fromkeys(sirets))


def _look_up(siret: str, dossier: Dossier, *, at_once: bool) -> Etablissement:
    """Return a saved établissement, whatever is known of it."""
    known = {
        "recipient": dossier.procedure.organisme.siret,
        "purpose": f"procedure_id: {dossier.procedure_id}",
    }
    try:
        return look_up(siret, **known) if at_once else postpone(siret, **known)
    except EtablissementNotFound:
        state = LookupState.INTROUVABLE
    except EtablissementNotDiffusible:
        state = LookupState.NON_DIFFUSIBLE
    return Etablissement.objects.create(siret=siret, state=state, next_attempt_at=None, **known)
