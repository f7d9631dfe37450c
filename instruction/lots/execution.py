"""Making a batch, carrying it on, stopping it.

The turn of a dossier, its email and its line are one transaction: a worker killed at any point
repeats nothing, and another takes the batch from there.
"""

import logging
from collections.abc import Iterator
from time import monotonic

from django.core.exceptions import EmptyResultSet, PermissionDenied, ValidationError
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from dossiers import workflow
from dossiers.models import Dossier, DossierQuerySet
from instruction.lots.actions import ACTIONS, Skipped
from instruction.lots.models import LOT_MAX, LigneState, Lot, LotLigne
from instruction.lots.tasks import run_lot
from procedures.models import Procedure

logger = logging.getLogger(__name__)

CHUNK_SIZE = 200
SWEPT_MAX = 200
# Well under the time limit of a task; what is left is queued again.
BUDGET_SECONDS = 240.0


class LotRefused(Exception):
    """No batch was made; the message says why."""


def create(
    procedure: Procedure, dossiers: DossierQuerySet, *, by, action: str, token, **fields
) -> Lot:
    """Freeze which dossiers are concerned, queue the batch after commit and return it.

    Asked twice with the same `token`, it is there once. Raises LotRefused.
    """
    with transaction.atomic():
        lot, is_new = Lot.objects.get_or_create(
            token=token,
            defaults={"procedure": procedure, "by": by, "action": action, **fields},
        )
        if not is_new:
            if lot.by_id != by.pk:
                raise PermissionDenied
            return lot
        lot.total = _freeze(lot, dossiers)
        if lot.total == 0:
            raise LotRefused("Aucun de ces dossiers n’est encore dans cette liste.")
        if lot.total > LOT_MAX:
            raise LotRefused(
                f"Cette liste compte plus de {LOT_MAX} dossiers : resserrez la recherche."
            )
        lot.save(update_fields=["total"])
        run_lot.delay_on_commit(lot.pk)
    return lot


def carry_on(lot_id: int, *, budget_seconds: float = BUDGET_SECONDS) -> bool:
    """Give their turn to the dossiers that had none; return whether nothing is left to do.

    False when the time is up: call again. Whoever finds another worker at it leaves it to them.
    """
    deadline = monotonic() + budget_seconds
    for ligne_id in _ligne_ids(lot_id):
        if not _give_its_turn(lot_id, ligne_id):
            return True
        if monotonic() > deadline:
            return False
    Lot.objects.en_cours().filter(pk=lot_id).update(finished_at=timezone.now())
    return True


def stop(lot: Lot) -> None:
    """Leave what had no turn yet as it is; the dossier at hand is finished first."""
    Lot.objects.en_cours().filter(pk=lot.pk).update(is_stopped=True, finished_at=timezone.now())


def take_left_behind() -> list[int]:
    """Return the batches that a crash or a lost Redis left behind, to be queued again."""
    now = timezone.now()
    with transaction.atomic():
        pks = list(
            Lot.objects.left_behind(now)
            .select_for_update(skip_locked=True, of=("self",))
            .order_by("active_at")
            .values_list("pk", flat=True)[:SWEPT_MAX]
        )
        Lot.objects.filter(pk__in=pks).update(active_at=now)
    return pks


def _freeze(lot: Lot, dossiers: DossierQuerySet) -> int:
    """Write one line for each dossier, in one statement; return how many."""
    chosen = dossiers.values("pk")[: LOT_MAX + 1]
    try:
        sql, params = chosen.query.sql_with_params()
    except EmptyResultSet:
        return 0
    table = LotLigne._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (lot_id, dossier_id, state, reason) "  # noqa: S608
            f"SELECT %s, chosen.*, %s, '' FROM ({sql}) AS chosen",
            [lot.pk, LigneState.A_FAIRE.value, *params],
        )
        return cursor.rowcount


def _ligne_ids(lot_id: int) -> Iterator[int]:
    """Yield the lines that wait for their turn, chunk by chunk."""
    while Lot.objects.en_cours().filter(pk=lot_id).exists():
        waiting = LotLigne.objects.filter(lot_id=lot_id, state=LigneState.A_FAIRE).order_by("id")
        chunk = list(waiting.values_list("pk", flat=True)[:CHUNK_SIZE])
        if not chunk:
            return
        yield from chunk


def _give_its_turn(lot_id: int, ligne_id: int) -> bool:
    """Treat one dossier and mark its line, together; False when another worker is at it."""
    with transaction.atomic():
        lot = (
            Lot.objects.en_cours()
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("by")
            .filter(pk=lot_id)
            .first()
        )
        if lot is None:
            return False
        ligne = LotLigne.objects.filter(pk=ligne_id, state=LigneState.A_FAIRE).first()
        if ligne is None:
            return True
        ligne.reason = _treat(lot, ligne.dossier_id)
        ligne.state = LigneState.ECARTE if ligne.reason else LigneState.FAIT
        ligne.save(update_fields=["state", "reason"])
        counter = "skipped" if ligne.reason else "done"
        setattr(lot, counter, getattr(lot, counter) + 1)
        lot.active_at = timezone.now()
        changed = [counter, "active_at"]
        if ligne.reason and not _is_still_theirs(lot):
            lot.is_stopped, lot.finished_at = True, timezone.now()
            changed += ["is_stopped", "finished_at"]
        lot.save(update_fields=changed)
    return True


def _is_still_theirs(lot: Lot) -> bool:
    """Tell whether whoever asked for it is an accompagnateur of the procédure still."""
    return Procedure.objects.instructed_by(lot.by).filter(pk=lot.procedure_id).exists()


def _treat(lot: Lot, dossier_id: int) -> str:
    """Do it to one dossier; return why it was left as it is, nothing when it was done."""
    try:
        with transaction.atomic():
            if not lot.by.is_active:
                raise PermissionDenied
            ACTIONS[lot.action].run(lot, dossier_id)
    except (workflow.TransitionRefused, Skipped) as refusal:
        return str(refusal)
    except ValidationError as error:
        return " ".join(error.messages)
    except Dossier.DoesNotExist:
        return "Le dossier a été retiré par son usager."
    except PermissionDenied:
        return _why_denied(lot, dossier_id)
    except (OperationalError, InterfaceError):
        raise  # the database, not this dossier: the batch is taken up again
    except Exception as error:  # one broken dossier must not hold all the others back
        logger.exception("Lot %s, dossier %s : traitement impossible", lot.pk, dossier_id)
        return f"Erreur inattendue ({type(error).__name__}) : signalez-la à l’exploitant de TPS."
    return ""


def _why_denied(lot: Lot, dossier_id: int) -> str:
    if Dossier.objects.filter(pk=dossier_id, usager_id=lot.by_id).exists():
        return "Vous êtes l’usager de ce dossier : un autre accompagnateur doit l’instruire."
    return "Vous n’êtes plus accompagnateur de ce dossier."
