"""Moving the dossiers en construction of a procédure to its newest form, where nothing is lost.

A dossier moves when the new form asks nothing more of it and refuses none of its answers. The
others keep the form they were filed with. Each dossier moves in a transaction that also notes
how far the whole went: a worker may die at any moment, another goes on.
"""

import logging
from time import monotonic

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.utils import timezone

from dossiers.completeness import ineligibility_messages, problems_of
from dossiers.demande import Problem
from dossiers.enums import DossierState, HistoryAction
from dossiers.locks import locked_dossier
from dossiers.models import Dossier, HistoryEntry, MiseANiveau
from dossiers.search import refresh_search_text
from procedures.models import Procedure, Revision
from procedures.policies import can_administer

logger = logging.getLogger(__name__)

BATCH_SIZE = 200
BUDGET_SECONDS = 120.0
REASONS_KEPT = 100


def concerned(procedure: Procedure):
    """Return the dossiers en construction that have an older form than the published one."""
    return (
        Dossier.objects.for_procedure(procedure)
        .filter(state=DossierState.EN_CONSTRUCTION)
        .exclude(revision_id=procedure.published_revision_id)
    )


def ask(procedure: Procedure, *, by) -> MiseANiveau:
    """Note that the dossiers are to be moved, and queue it; asked twice, it is done once.

    Raises PermissionDenied.
    """
    from dossiers.tasks import run_mise_a_niveau  # noqa: PLC0415 -- the task calls this module

    if not can_administer(by, procedure):
        raise PermissionDenied
    revision = procedure.published_revision
    try:
        with transaction.atomic():
            mise_a_niveau = MiseANiveau.objects.create(
                revision=revision, asked_by=by, total=concerned(procedure).count()
            )
    except IntegrityError:
        return MiseANiveau.objects.en_cours().get(revision=revision)
    run_mise_a_niveau.delay_on_commit(mise_a_niveau.pk)
    return mise_a_niveau


def carry_on(pk: int, *, budget_seconds: float = BUDGET_SECONDS) -> bool:
    """Give their turn to the dossiers that had none yet; return whether nothing is left to do."""
    deadline = monotonic() + budget_seconds
    while True:
        mise_a_niveau = (
            MiseANiveau.objects.en_cours().select_related("revision__procedure").filter(pk=pk)
        ).first()
        if mise_a_niveau is None:
            return True
        procedure = mise_a_niveau.revision.procedure
        batch = []
        if procedure.published_revision_id == mise_a_niveau.revision_id:
            batch = list(
                concerned(procedure)
                .filter(pk__gt=mise_a_niveau.last_dossier_id)
                .order_by("pk")
                .values_list("pk", flat=True)[:BATCH_SIZE]
            )
        if not batch:
            MiseANiveau.objects.en_cours().filter(pk=pk).update(finished_at=timezone.now())
            return True
        for dossier_id in batch:
            if not _give_its_turn(pk, dossier_id):
                return True
            if monotonic() > deadline:
                return False


def take_left_behind() -> list[int]:
    """Return the moves to carry on that a crash left behind, and note that they are taken."""
    now = timezone.now()
    with transaction.atomic():
        pks = list(
            MiseANiveau.objects.left_behind(now)
            .select_for_update(skip_locked=True, of=("self",))
            .values_list("pk", flat=True)
        )
        MiseANiveau.objects.filter(pk__in=pks).update(active_at=now)
    return pks


def reasons_to_stay(dossier: Dossier, revision: Revision) -> list[str]:
    """Return why a dossier cannot have this form, in French; empty when it can.

    It can when the new form finds nothing wrong that its present form does not.
    """
    known = {_mark(problem) for problem in problems_of(dossier)}
    was_ineligible = bool(ineligibility_messages(dossier))
    present, dossier.revision = dossier.revision, revision
    try:
        new = [problem for problem in problems_of(dossier) if _mark(problem) not in known]
        reasons = [_in_words(problem) for problem in new]
        return reasons if was_ineligible else reasons + ineligibility_messages(dossier)
    finally:
        dossier.revision = present


def _mark(problem: Problem) -> tuple[str, str]:
    return (problem.champ.id if problem.champ else "", problem.message)


def _in_words(problem: Problem) -> str:
    return f"{problem.champ.label} : {problem.message}" if problem.champ else problem.message


def _give_its_turn(pk: int, dossier_id: int) -> bool:
    """Move one dossier or note why it stays; False when another worker is at it."""
    with transaction.atomic():
        mise_a_niveau = (
            MiseANiveau.objects.en_cours()
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("revision", "asked_by")
            .filter(pk=pk)
            .first()
        )
        if mise_a_niveau is None:
            return False
        reasons = _outcome(dossier_id, mise_a_niveau)
        if reasons:
            mise_a_niveau.kept += 1
            if len(mise_a_niveau.reasons) < REASONS_KEPT:
                mise_a_niveau.reasons.append([dossier_id, reasons[0]])
        elif reasons is not None:
            mise_a_niveau.moved += 1
        mise_a_niveau.last_dossier_id, mise_a_niveau.active_at = dossier_id, timezone.now()
        mise_a_niveau.save(
            update_fields=["moved", "kept", "reasons", "last_dossier_id", "active_at"]
        )
    return True


def _outcome(dossier_id: int, mise_a_niveau: MiseANiveau) -> list[str] | None:
    """Move one dossier as `_move` does; an unexpected error is a reason to stay."""
    try:
        with transaction.atomic():
            return _move(dossier_id, mise_a_niveau)
    except Dossier.DoesNotExist:  # erased meanwhile
        return None
    except (OperationalError, InterfaceError):
        raise  # the database, not this dossier: the whole is taken up again
    except Exception as error:  # one broken dossier must not hold all the others back
        logger.exception("Dossier %s : mise à niveau impossible", dossier_id)
        return [f"Erreur inattendue ({type(error).__name__}) : signalez-la à l’exploitant de TPS."]


def _move(dossier_id: int, mise_a_niveau: MiseANiveau) -> list[str] | None:
    """Move one dossier; return why it stays, None when it is no longer concerned."""
    revision = mise_a_niveau.revision
    dossier = locked_dossier(dossier_id, "usager", "etablissement", "procedure", "revision")
    if dossier.state != DossierState.EN_CONSTRUCTION or dossier.revision_id == revision.pk:
        return None
    reasons = reasons_to_stay(dossier, revision)
    if reasons:
        return reasons
    dossier.revision = revision
    refresh_search_text(dossier)
    dossier.save(update_fields=["revision", "search_text"])
    asked_by = mise_a_niveau.asked_by
    HistoryEntry.objects.create(
        dossier=dossier,
        action=HistoryAction.UPDATE_FORM,
        from_state=dossier.state,
        to_state=dossier.state,
        by=asked_by,
        by_name=str(asked_by) if asked_by else "",
        motivation=f"Formulaire de la révision {revision.number}.",
    )
    return []
