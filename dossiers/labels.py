"""Putting the labels of a procédure on its dossiers, and taking them off."""

from collections.abc import Collection

from django.core.exceptions import PermissionDenied
from django.db import transaction

from dossiers import policies
from dossiers.enums import HistoryAction
from dossiers.historique import record
from dossiers.locks import locked_dossier
from dossiers.models import Dossier, HistoryEntry
from procedures.models import Label

HISTORY_BATCH = 1000


def change_labels(dossier_id: int, *, put: Collection[int], taken: Collection[int], by) -> Dossier:
    """Put some labels on a dossier and take others off, by their ids; note what changed.

    Only what is asked changes, so that two colleagues at once lose nothing. Ids of another
    procédure, or deleted meanwhile, are left out. Raises PermissionDenied, Dossier.DoesNotExist.
    """
    with transaction.atomic():
        dossier = locked_dossier(dossier_id, "procedure")
        if not policies.can_annotate(by, dossier):
            raise PermissionDenied
        labels = list(Label.objects.filter(procedure_id=dossier.procedure_id))
        present = set(dossier.labels.values_list("pk", flat=True))
        added = [it for it in labels if it.pk in put and it.pk not in present]
        removed = [it for it in labels if it.pk in taken and it.pk in present]
        dossier.labels.add(*added)
        dossier.labels.remove(*removed)
        for action, changed in (
            (HistoryAction.ADD_LABEL, added),
            (HistoryAction.REMOVE_LABEL, removed),
        ):
            if changed:
                record(action, dossier, by=by, text=", ".join(it.name for it in changed))
    return dossier


def note_deleted(label: Label, *, by) -> None:
    """Note on every dossier that has a label that it loses it, within the transaction."""
    rows = Dossier.with_trash.filter(labels=label).values_list("pk", "state")
    entries = (
        HistoryEntry(
            dossier_id=pk,
            action=HistoryAction.REMOVE_LABEL,
            from_state=state,
            to_state=state,
            by=by,
            by_name=str(by),
            motivation=label.name,
        )
        for pk, state in rows.iterator()
    )
    HistoryEntry.objects.bulk_create(entries, batch_size=HISTORY_BATCH)
