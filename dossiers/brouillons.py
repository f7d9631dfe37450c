"""Beginning a dossier."""

from django.contrib.auth import get_user_model
from django.db import transaction

from dossiers.enums import DossierState
from dossiers.models import Dossier
from dossiers.search import refresh_search_text
from dossiers.workflow import ProcedureClosed
from procedures.dates import refusal
from procedures.models import Procedure
from procedures.questionnaire import initial_reponses


def start_brouillon(procedure: Procedure, *, by) -> Dossier:
    """Return a new brouillon of `by`, or the one begun before and still untouched.

    A double click begins one dossier: the person's row is locked meanwhile. Raises
    ProcedureClosed.
    """
    with transaction.atomic():
        get_user_model().objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)
        untouched = _untouched(procedure, by)
        if untouched is not None:
            return untouched
        if not procedure.is_open:
            raise ProcedureClosed(refusal(procedure))
        dossier = Dossier.objects.create(
            procedure=procedure, revision=procedure.published_revision, usager=by
        )
        # Somebody may have published since `procedure` was read; the insertion waited for it.
        procedure.refresh_from_db(fields=["published_revision"])
        dossier.revision = procedure.published_revision
        dossier.reponses = initial_reponses(dossier.revision.formulaire)
        refresh_search_text(dossier)
        dossier.save(update_fields=["revision", "reponses", "search_text"])
    return dossier


def _untouched(procedure: Procedure, user) -> Dossier | None:
    return (
        Dossier.objects.owned_by(user)
        .for_procedure(procedure)
        .filter(
            state=DossierState.BROUILLON,
            reponses__in=[{}, initial_reponses(procedure.published_revision.formulaire)],
            saisies_refusees={},
            etablissement=None,
            nom="",
            pieces_jointes=None,
        )
        .first()
    )
