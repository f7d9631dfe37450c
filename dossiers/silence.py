"""The decisions that TPS takes by itself when a legal deadline is over."""

import logging
from time import monotonic

from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from dossiers import workflow
from dossiers.enums import DossierState
from dossiers.locks import locked_dossier
from dossiers.models import Dossier, EcheanceLegale
from procedures.delais_legaux import motivation_of

logger = logging.getLogger(__name__)
BATCH_SIZE = 200
# Well under the time limit of a task; what is left is due at the next call.
BUDGET_SECONDS = 240.0


def decide_due(*, budget_seconds: float = BUDGET_SECONDS) -> int:
    """Decide every dossier whose deadline is over and that TPS is to decide; return how many.

    Each in its own transaction. Safe to run twice, or two at once; what an outage left undone is
    due at the next call.
    """
    deadline = monotonic() + budget_seconds
    last, done = 0, 0
    while batch := _due_after(last):
        for pk in batch:
            done += _decide_safely(pk)
            last = pk
            if monotonic() > deadline:
                return done
    return done


def decide(dossier_id: int) -> bool:
    """Accept or reject one dossier, as its silence means; False when it is not, or no more, due.

    Raises Dossier.DoesNotExist for one that its usager withdrew.
    """
    with transaction.atomic():
        dossier = locked_dossier(dossier_id)
        echeance = EcheanceLegale.objects.filter(pk=dossier_id).first()
        if echeance is None or not echeance.is_automatic or not echeance.is_past:
            return False
        if dossier.state == DossierState.EN_CONSTRUCTION:
            workflow.run(workflow.START_INSTRUCTION, dossier_id, by=None)
        action = workflow.ACCEPT if echeance.is_acceptance else workflow.REJECT
        workflow.run(action, dossier_id, by=None, motivation=motivation_of(echeance))
    return True


def _due_after(last: int) -> list[int]:
    due = Dossier.objects.filter(
        due_on__lt=timezone.localdate(), echeance__is_automatic=True, pk__gt=last
    )
    return list(due.order_by("pk").values_list("pk", flat=True)[:BATCH_SIZE])


def _decide_safely(dossier_id: int) -> bool:
    try:
        return decide(dossier_id)
    except (workflow.TransitionRefused, Dossier.DoesNotExist):
        return False  # somebody was faster, or its usager withdrew it
    except (OperationalError, InterfaceError):
        raise  # the database, not this dossier: the task is called again
    except Exception:  # one broken dossier must not hold all the others back
        logger.exception("Dossier %s : décision automatique impossible", dossier_id)
        return False
