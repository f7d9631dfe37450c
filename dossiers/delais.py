"""How long a procédure really takes, reckoned from the history of its dossiers."""

from django.db import connection, transaction
from django.utils import timezone

from dossiers.enums import (
    DELAIS_DOSSIERS_MIN,
    DELAIS_OVER,
    STATES_TERMINES,
    DossierState,
    HistoryAction,
)
from dossiers.models import DelaisConstates, Dossier, HistoryEntry
from procedures.models import Procedure

PROCEDURES_PER_BATCH = 200
_COLUMNS = (
    "procedure_id",
    "dossiers",
    "decision_median",
    "decision_p90",
    "instruction_median",
    "instruction_p90",
    "examen_median",
    "examen_p90",
)
# A dossier counts by its last decision, if that was within the period; it was filed, and passed
# en instruction, when that was done for the first time: what an usager waits.
_SQL = """
WITH decided AS (
    SELECT d.id, d.procedure_id, MAX(h.at) AS decided_at
    FROM {history} h JOIN {dossier} d ON d.id = h.dossier_id
    WHERE h.to_state = ANY(%(termines)s) AND h.from_state = %(en_instruction)s
      AND h.at > %(since)s AND d.procedure_id = ANY(%(procedures)s) AND NOT d.is_test
    GROUP BY d.id, d.procedure_id
), moments AS (
    SELECT decided.procedure_id, decided.decided_at,
        MIN(h.at) FILTER (WHERE h.action = %(submit)s) AS submitted_at,
        MIN(h.at) FILTER (WHERE h.action = %(start)s) AS started_at
    FROM decided JOIN {history} h ON h.dossier_id = decided.id
    GROUP BY decided.id, decided.procedure_id, decided.decided_at
), delais AS (
    SELECT procedure_id,
        EXTRACT(EPOCH FROM decided_at - submitted_at) AS decision,
        EXTRACT(EPOCH FROM started_at - submitted_at) AS instruction,
        EXTRACT(EPOCH FROM decided_at - started_at) AS examen
    FROM moments WHERE submitted_at IS NOT NULL AND started_at IS NOT NULL
)
SELECT procedure_id, COUNT(*),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY decision),
    percentile_cont(0.9) WITHIN GROUP (ORDER BY decision),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY instruction),
    percentile_cont(0.9) WITHIN GROUP (ORDER BY instruction),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY examen),
    percentile_cont(0.9) WITHIN GROUP (ORDER BY examen)
FROM delais GROUP BY procedure_id HAVING COUNT(*) >= %(minimum)s
"""


def delais_of(procedure: Procedure) -> DelaisConstates | None:
    """Return the delays last reckoned, in one query; None when too few dossiers were decided."""
    return DelaisConstates.objects.filter(pk=procedure.pk).first()


def refresh_delais() -> None:
    """Reckon the delays of every procédure again; safe to run twice, or two at once."""
    last = 0
    while True:
        procedures = Procedure.objects.filter(pk__gt=last).order_by("pk")
        batch = list(procedures.values_list("pk", flat=True)[:PROCEDURES_PER_BATCH])
        if not batch:
            return
        _refresh(batch)
        last = batch[-1]


def _refresh(procedure_ids: list[int]) -> None:
    now = timezone.now()
    tables = {"history": HistoryEntry._meta.db_table, "dossier": Dossier._meta.db_table}
    parameters = {
        "termines": [str(state) for state in STATES_TERMINES],
        "en_instruction": DossierState.EN_INSTRUCTION.value,
        "submit": HistoryAction.SUBMIT.value,
        "start": HistoryAction.START_INSTRUCTION.value,
        "since": now - DELAIS_OVER,
        "procedures": procedure_ids,
        "minimum": DELAIS_DOSSIERS_MIN,
    }
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_SQL.format(**tables), parameters)
            rows = [
                DelaisConstates(computed_at=now, **dict(zip(_COLUMNS, row, strict=True)))
                for row in cursor.fetchall()
            ]
        kept = [row.pk for row in rows]
        DelaisConstates.objects.filter(pk__in=procedure_ids).exclude(pk__in=kept).delete()
        DelaisConstates.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["procedure"],
            update_fields=["computed_at", *_COLUMNS[1:]],
        )
