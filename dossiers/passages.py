"""The automatic passage en instruction of a procédure's dossiers, at its planned date.

A row of `PassageAutomatique` is the truth: it is made once for a date, and moves on in the very
transaction of each dossier it passes. A worker that dies leaves it as far as it went; another
takes it from there, and no dossier has two turns.
"""

import logging
from collections.abc import Iterator
from time import monotonic

from django.core.exceptions import ValidationError
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from dossiers import workflow
from dossiers.enums import DossierState
from dossiers.models import Dossier, PassageAutomatique, PassageEchec
from procedures.models import Procedure

logger = logging.getLogger(__name__)

BATCH_SIZE = 200
DUE_MAX = 200
# Well under the time limit of a task; what is left is queued again.
BUDGET_SECONDS = 240.0


def take_due() -> list[int]:
    """Begin every passage whose date has come; return those to carry on, left behind included."""
    now = timezone.now()
    begun = PassageAutomatique.objects.filter(
        procedure_id=OuterRef("pk"), planned_at=OuterRef("passage_at")
    )
    due = Procedure.objects.filter(
        ~Exists(begun), passage_at__lte=now, published_revision__isnull=False
    )
    pks = list(due.order_by("passage_at", "pk").values_list("pk", flat=True)[:DUE_MAX])
    started = [begin(pk) for pk in pks]
    with transaction.atomic():
        left_behind = list(
            PassageAutomatique.objects.left_behind(now)
            .select_for_update(skip_locked=True, of=("self",))
            .order_by("active_at")
            .values_list("pk", flat=True)[:DUE_MAX]
        )
        PassageAutomatique.objects.filter(pk__in=left_behind).update(active_at=now)
    return [pk for pk in started if pk is not None] + left_behind


def begin(procedure_id: int) -> int | None:
    """Note that the passage of a procédure begins; None when it began before or its date moved.

    The lock waits for the submissions that hold the procédure open: what was filed in time counts.
    """
    with transaction.atomic():
        procedure = Procedure.objects.select_for_update(of=("self",)).get(pk=procedure_id)
        planned_at = procedure.passage_at
        if planned_at is None or planned_at > timezone.now():
            return None
        passage, is_new = PassageAutomatique.objects.get_or_create(
            procedure=procedure,
            planned_at=planned_at,
            defaults={"total": _concerned(procedure_id, planned_at).count()},
        )
    return passage.pk if is_new else None


def carry_on(passage_id: int, *, budget_seconds: float = BUDGET_SECONDS) -> bool:
    """Give their turn to the dossiers that had none yet; return whether nothing is left to do.

    False when the time is up: call again. Whoever finds another worker at it leaves it to them.
    """
    deadline = monotonic() + budget_seconds
    for dossier_id in _dossier_ids(passage_id):
        if not _give_its_turn(passage_id, dossier_id):
            return True
        if monotonic() > deadline:
            return False
    PassageAutomatique.objects.en_cours().filter(pk=passage_id).update(finished_at=timezone.now())
    return True


def _concerned(procedure_id: int, planned_at):
    """Return the dossiers en construction that were filed by the planned date."""
    return Dossier.objects.filter(
        procedure_id=procedure_id,
        state=DossierState.EN_CONSTRUCTION,
        submitted_at__lte=planned_at,
    )


def _dossier_ids(passage_id: int) -> Iterator[int]:
    """Yield the numbers of the dossiers that wait for their turn, batch by batch."""
    while True:
        passage = PassageAutomatique.objects.en_cours().filter(pk=passage_id).first()
        if passage is None:
            return
        batch = list(
            _concerned(passage.procedure_id, passage.planned_at)
            .filter(pk__gt=passage.last_dossier_id)
            .order_by("pk")
            .values_list("pk", flat=True)[:BATCH_SIZE]
        )
        if not batch:
            return
        yield from batch


def _give_its_turn(passage_id: int, dossier_id: int) -> bool:
    """Pass one dossier and move the passage on, together; False when another worker is at it."""
    with transaction.atomic():
        passage = (
            PassageAutomatique.objects.en_cours()
            .select_for_update(skip_locked=True, of=("self",))
            .filter(pk=passage_id)
            .first()
        )
        if passage is None:
            return False
        if dossier_id <= passage.last_dossier_id:
            return True
        outcome = _pass_dossier(passage, dossier_id)
        setattr(passage, outcome, getattr(passage, outcome) + 1)
        passage.last_dossier_id, passage.active_at = dossier_id, timezone.now()
        passage.save(update_fields=[outcome, "last_dossier_id", "active_at"])
    return True


def _pass_dossier(passage: PassageAutomatique, dossier_id: int) -> str:
    """Pass one dossier en instruction; return which counter of the passage it goes to."""
    try:
        workflow.run(workflow.START_INSTRUCTION, dossier_id, by=None)
    except (workflow.TransitionRefused, Dossier.DoesNotExist):
        return "skipped"  # an accompagnateur was faster, or its usager withdrew it
    except (OperationalError, InterfaceError):
        raise  # the database, not this dossier: the passage is taken up again
    except Exception as error:  # one broken dossier must not hold all the others back
        logger.exception("Dossier %s : passage automatique impossible", dossier_id)
        PassageEchec.objects.create(passage=passage, dossier_id=dossier_id, reason=_reason(error))
        return "failed"
    return "done"


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return " ".join(error.messages)
    return f"Erreur inattendue ({type(error).__name__}) : signalez-la à l’exploitant de TPS."
