"""The life of a form: edited as a draft, published as a frozen revision."""

from django.db import transaction
from django.db.models import Max

from procedures.diff import Change, diff_formulaires
from procedures.models import Administration, Procedure, Revision
from procedures.signals import draft_discarded


def create_procedure(*, by, **fields) -> Procedure:
    """Create a procédure with its empty draft revision; `by` is its first administrateur."""
    with transaction.atomic():
        procedure = Procedure.objects.create(created_by=by, **fields)
        Revision.objects.create(procedure=procedure, number=1)
        Administration.objects.create(procedure=procedure, user=by)
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
        # The row just locked, not the caller's: another may have published meanwhile.
        locked = Procedure.objects.select_for_update(of=("self",)).get(pk=procedure.pk)
        draft, _ = Revision.objects.drafts().get_or_create(
            procedure=procedure,
            defaults={
                "number": _next_number(procedure),
                "document": locked.published_revision.document,
            },
        )
    return draft_of(procedure, lock=True) if lock else draft


def editable_revision(procedure: Procedure) -> Revision:
    """Return what the builder shows: the draft if there is one, else the published revision."""
    draft = Revision.objects.drafts().filter(procedure=procedure).first()
    return draft or procedure.published_revision


def unpublished_changes(procedure: Procedure) -> list[Change]:
    """Return what the draft changes in the published form; nothing before a first publication."""
    draft = Revision.objects.drafts().filter(procedure=procedure).first()
    if draft is None or procedure.published_revision is None:
        return []
    file_names = dict(procedure.formulaires_vierges.values_list("pk", "name"))
    return diff_formulaires(procedure.published_revision.formulaire, draft.formulaire, file_names)


def discard_draft(procedure: Procedure) -> None:
    """Throw the unpublished changes of a published procédure away."""
    with transaction.atomic():
        procedure = Procedure.objects.select_for_update(of=("self",)).get(pk=procedure.pk)
        draft = Revision.objects.drafts().filter(procedure=procedure).first()
        if procedure.was_published and draft is not None:
            draft_discarded.send(Revision, revision=draft)
            draft.delete()


def _next_number(procedure: Procedure) -> int:
    last = procedure.revisions.aggregate(last=Max("number"))["last"]
    return (last or 0) + 1
