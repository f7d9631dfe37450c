"""The labels of a procédure: made, recoloured, put in order, taken away."""

from django.db import transaction
from django.db.models import Max

from procedures.enums import LABELS_MAX, SUGGESTED_LABELS
from procedures.models import Label, Procedure
from procedures.signals import label_deleted


def next_position(procedure: Procedure) -> int:
    """Return the place after the last label."""
    last = procedure.labels.aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1


def is_full(procedure: Procedure) -> bool:
    """Tell whether the procédure has all the labels it may have."""
    return procedure.labels.count() >= LABELS_MAX


def add_suggested(procedure: Procedure) -> int:
    """Add the suggested labels that the procédure has not; return how many. Safe to run twice."""
    with transaction.atomic():
        Procedure.objects.select_for_update(of=("self",)).get(pk=procedure.pk)
        known = {name.casefold() for name in procedure.labels.values_list("name", flat=True)}
        position = next_position(procedure)
        missing = [it for it in SUGGESTED_LABELS if it[0].casefold() not in known]
        missing = missing[: max(0, LABELS_MAX - len(known))]
        Label.objects.bulk_create(
            Label(procedure=procedure, name=name, color=color, position=position + rank)
            for rank, (name, color) in enumerate(missing)
        )
    return len(missing)


def move(label: Label, *, by: int) -> None:
    """Move a label up (-1) or down (1) by one place; at the end of the list, it stays."""
    with transaction.atomic():
        labels = list(
            Label.objects.filter(procedure_id=label.procedure_id).select_for_update(of=("self",))
        )
        order = [other.pk for other in labels]
        if label.pk not in order:
            return
        place = order.index(label.pk)
        target = min(max(place + by, 0), len(order) - 1)
        labels.insert(target, labels.pop(place))
        for position, other in enumerate(labels):
            other.position = position
        Label.objects.bulk_update(labels, ["position"])


def delete(label: Label, *, by) -> None:
    """Delete a label, which leaves every dossier that has it."""
    with transaction.atomic():
        label_deleted.send(Label, label=label, by=by)
        label.delete()
