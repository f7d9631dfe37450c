"""The life of a form: edited as a draft, published as a frozen revision."""

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from procedures.enums import ProcedureState
from procedures.models import Procedure, Revision


def create_procedure(*, by, **fields) -> Procedure:
    """Create a procédure with its empty draft revision."""
    with transaction.atomic():
        procedure = Procedure.objects.create(created_by=by, **fields)
        Revision.objects.create(procedure=procedure, number=1)
    return procedure


def draft_of(procedure: Procedure, *, lock: bool = False) -> Revision:
    """Return the draft revision, made from the published one where there is none.

    With `lock` (inside a transaction) its row is locked until the end of the transaction.
    """
    drafts = Revision.objects.drafts().filter(procedure=procedure)
    draft = (drafts.select_for_update(of=("self",)) if lock else drafts).first()
    if draft is not None:
        draft.procedure = procedure
        return draft
    with transaction.atomic():
        Procedure.objects.select_for_update(of=("self",)).get(pk=procedure.pk)
        draft, _ = Revision.objects.drafts().get_or_create(
            procedure=procedure,
            defaults={
                "number": _next_number(procedure),
                "document": procedure.published_revision.document,
            },
        )
    return draft_of(procedure, lock=True) if lock else draft


def editable_revision(procedure: Procedure) -> Revision:
    """Return what the builder shows: the draft if there is one, else the published revision."""
    draft = Revision.objects.drafts().filter(procedure=procedure).first()
    return draft or procedure.published_revision


def discard_draft(procedure: Procedure) -> None:
    """Throw the unpublished changes of a published procédure away."""
    if procedure.published_revision_id is not None:
        Revision.objects.drafts().filter(procedure=procedure).delete()


def close(procedure: Procedure) -> None:
    """Refuse new dossiers from now on; those submitted go on."""
    procedure.state, procedure.closed_at = ProcedureState.CLOSE, timezone.now()
    procedure.save(update_fields=["state", "closed_at"])


def reopen(procedure: Procedure) -> None:
    """Accept dossiers again."""
    procedure.state, procedure.closed_at = ProcedureState.PUBLIEE, None
    procedure.save(update_fields=["state", "closed_at"])


def _next_number(procedure: Procedure) -> int:
    last = procedure.revisions.aggregate(last=Max("number"))["last"]
    return (last or 0) + 1
