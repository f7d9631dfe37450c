"""Opening and closing: by hand, or at the dates that are planned.

The clock decides what is possible (`Procedure.is_open`); the state follows within a minute.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone
from django.utils.formats import date_format

from procedures.enums import DatePrevue, ProcedureState
from procedures.models import ChangementDeDate, Procedure

CLOSE_BATCH_SIZE = 200
_FIELDS = ["opens_at", "closes_at", "passage_at", "passage_at_closing"]


@dataclass(frozen=True)
class Planning:
    """What is planned for a procédure; `passage_at_closing` stands for its own date."""

    opens_at: datetime | None = None
    closes_at: datetime | None = None
    passage_at: datetime | None = None
    passage_at_closing: bool = False


def set_dates(procedure: Procedure, planning: Planning, *, by) -> list[ChangementDeDate]:
    """Plan, and note who changed which date if the public could already rely on it.

    A passage at closing without a closing date is no passage. Return what was noted.
    """
    with transaction.atomic():
        locked = _locked(procedure.pk)
        at_closing = planning.passage_at_closing and planning.closes_at is not None
        values = {
            "opens_at": planning.opens_at,
            "closes_at": planning.closes_at,
            "passage_at": planning.passage_at if not planning.passage_at_closing else None,
            "passage_at_closing": at_closing,
        }
        if at_closing:
            values["passage_at"] = planning.closes_at
        noted = _note_changes(locked, values, by) if locked.was_published else []
        for name, value in values.items():
            setattr(procedure, name, value)
        procedure.save(update_fields=_FIELDS)
    return noted


def close(procedure: Procedure) -> bool:
    """Refuse new dossiers from now on; those submitted go on. Return False if it was not open."""
    with transaction.atomic():
        if _locked(procedure.pk).state != ProcedureState.PUBLIEE:
            return False
        _set_state(procedure, ProcedureState.CLOSE, timezone.now())
    return True


def reopen(procedure: Procedure, *, by, closes_at: datetime | None = None) -> bool:
    """Accept dossiers again, until `closes_at`. Return False if it was not closed.

    A planned closing date that is still to come stays unless `closes_at` replaces it; one that is
    past is forgotten.
    """
    with transaction.atomic():
        locked = _locked(procedure.pk)
        if locked.closed_since is None:
            return False
        if closes_at is not None or locked.is_closed_by_date:
            # A passage that took place stays where it was; one at closing follows the new date.
            planning = Planning(
                locked.opens_at, closes_at, locked.passage_at, locked.passage_at_closing
            )
            set_dates(procedure, planning, by=by)
        _set_state(procedure, ProcedureState.PUBLIEE, None)
    return True


def close_due() -> int:
    """Close every procédure whose closing date has come; return how many. Safe to run twice."""
    due = Procedure.objects.due_to_close(timezone.now()).order_by("closes_at", "pk")
    pks = list(due.values_list("pk", flat=True)[:CLOSE_BATCH_SIZE])
    return sum(_close_if_due(pk) for pk in pks)


def hold_open(procedure_id: int) -> None:
    """Let nothing change a procédure until the transaction ends; others may hold it as well.

    So no closing, no publication and no passage slips between the look at the clock and the
    commit of a dossier, while dossiers do not wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM procedures_procedure WHERE id = %s FOR SHARE", [procedure_id]
        )


def refusal(procedure: Procedure) -> str:
    """Say why `procedure` takes no dossier now."""
    if procedure.is_upcoming:
        return f"Cette procédure ouvre le {moment(procedure.opens_at)}."
    return "Cette procédure n’accepte plus de nouveaux dossiers."


def moment(at: datetime) -> str:
    """Write a date and time of Paris: `30/11/2026 à 12:00`."""
    return date_format(timezone.localtime(at), r"d/m/Y à H:i")


def _locked(pk: int) -> Procedure:
    return Procedure.objects.select_for_update(of=("self",)).get(pk=pk)


def _close_if_due(pk: int) -> bool:
    """Close one procédure unless it was closed, or its date moved, since it was listed."""
    with transaction.atomic():
        procedure = (
            Procedure.objects.due_to_close(timezone.now())
            .select_for_update(of=("self",))
            .filter(pk=pk)
            .first()
        )
        if procedure is None:
            return False
        _set_state(procedure, ProcedureState.CLOSE, procedure.closes_at)
    return True


def _set_state(procedure: Procedure, state: ProcedureState, closed_at: datetime | None) -> None:
    procedure.state, procedure.closed_at = state, closed_at
    procedure.save(update_fields=["state", "closed_at"])


def _note_changes(before: Procedure, values: dict, by) -> list[ChangementDeDate]:
    return ChangementDeDate.objects.bulk_create(
        ChangementDeDate(
            procedure=before,
            date=name,
            before=getattr(before, name),
            after=values[name],
            by=by,
            by_name=str(by),
        )
        for name in DatePrevue.values
        if getattr(before, name) != values[name]
    )
