"""The bin: what an usager deletes may be taken back for some days, then is erased for good.

En brouillon, or en construction (it is then withdrawn, and the service sees that it was), the row
leaves every list: only `Dossier.with_trash` finds it. Terminé, it leaves the list of its usager
alone: the service keeps it.
"""

import logging
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import router, transaction
from django.db.models import FileField
from django.db.models.deletion import Collector
from django.utils import timezone

from courriels.models import Courriel
from dossiers import echeances, essais, invitations, policies
from dossiers.avis_usager import corbeille_path, tell
from dossiers.enums import CORBEILLE_DAYS, DossierState, HistoryAction, TransfertState
from dossiers.historique import record
from dossiers.locks import locked_dossier
from dossiers.models import Dossier, Invite, Retrait, Transfert
from dossiers.workflow import TransitionRefused, courriel_reference, refusal

logger = logging.getLogger(__name__)
PURGE_BATCH = 50


def delete(dossier_id: int, *, by) -> Dossier:
    """Put a dossier of `by` in the bin; a test is erased at once.

    Raises PermissionDenied, TransitionRefused (en instruction, meanwhile perhaps),
    Dossier.DoesNotExist.
    """
    with transaction.atomic():
        dossier = locked_dossier(dossier_id, "usager", "procedure__organisme")
        if dossier.usager_id == by.pk and dossier.state == DossierState.EN_INSTRUCTION:
            raise TransitionRefused(refusal(dossier))
        if not policies.can_delete(by, dossier):
            raise PermissionDenied
        if dossier.is_test:
            essais.erase(Dossier.tests.filter(pk=dossier.pk))
        elif dossier.is_termine:
            _hide(dossier)
        else:
            trash(dossier, by=by)
    return dossier


def trash(dossier: Dossier, *, by) -> None:
    """Put a locked dossier, en brouillon or en construction, in the bin; None: it has expired."""
    now = timezone.now()
    dossier.deleted_at = now
    dossier.save(update_fields=["deleted_at"])
    cancel_offers(dossier, by=by)
    if dossier.is_brouillon:
        record(HistoryAction.TRASH, dossier, by=by)
        return
    echeances.suspend(dossier)
    entry = record(HistoryAction.WITHDRAW, dossier, by=by)
    Retrait.objects.create(
        procedure_id=dossier.procedure_id,
        groupe_id=dossier.groupe_id,
        dossier_number=dossier.pk,
        submitted_at=dossier.submitted_at,
        withdrawn_at=now,
    )
    tell(
        "dossier_retire",
        dossier,
        to=dossier.usager.email,
        path=corbeille_path(),
        label="Ouvrir ma corbeille",
        key=f"historique:{entry.pk}",
        until=erased_at(dossier),
    )


def restore(dossier_id: int, *, by) -> Dossier:
    """Take a dossier back from the bin of `by`; a brouillon has its whole lifetime again.

    Raises Dossier.DoesNotExist when it is not, or no longer, in their bin.
    """
    with transaction.atomic():
        rows = Dossier.with_trash.in_corbeille_of(by).select_for_update(of=("self",))
        dossier = rows.get(pk=dossier_id)
        if dossier.is_termine:
            dossier.hidden_at = None
            dossier.save(update_fields=["hidden_at"])
            return dossier
        dossier.deleted_at, dossier.prolonged_at = None, timezone.now()
        followed = Dossier.objects.filter(
            precedent_id=dossier.precedent_id, procedure_id=dossier.procedure_id
        )
        if dossier.precedent_id and followed.exists():
            dossier.precedent = None  # another was begun in its place meanwhile
        dossier.save(update_fields=["deleted_at", "prolonged_at", "precedent"])
        echeances.resume(dossier)
        record(HistoryAction.RESTORE, dossier, by=by)
        Retrait.objects.filter(dossier_number=dossier.pk, restored_at=None).update(
            restored_at=timezone.now()
        )
    return dossier


def erased_at(dossier: Dossier) -> datetime | None:
    """Return until when it may be taken back, None for what is not in the bin."""
    thrown_at = dossier.deleted_at or dossier.hidden_at
    return thrown_at + timedelta(days=CORBEILLE_DAYS) if thrown_at else None


def cancel_offers(dossier: Dossier, *, by) -> None:
    """Take back the offer of a locked dossier to another person, if one waits."""
    dossier.transferts.filter(state=TransfertState.PROPOSE).update(
        state=TransfertState.ANNULE, decided_by=by, decided_at=timezone.now()
    )


def purge_due() -> int:
    """Erase what has spent its time in the bin, batch by batch; return how many.

    Safe to run twice, or two at once: each takes other rows.
    """
    erased = 0
    while batch := _purge_batch():
        erased += batch
    return erased


def _purge_batch() -> int:
    limit = timezone.now() - timedelta(days=CORBEILLE_DAYS)
    with transaction.atomic():
        rows = (
            Dossier.with_trash.filter(deleted_at__lte=limit, is_test=False)
            .order_by("deleted_at", "pk")
            .select_for_update(of=("self",), skip_locked=True)
        )
        dossiers = list(rows.only("pk")[:PURGE_BATCH])
        if not dossiers:
            return 0
        erase(dossiers)
    logger.info("Corbeille : %s dossiers effacés", len(dossiers))
    return len(dossiers)


def erase(dossiers: list[Dossier]) -> None:
    """Erase locked dossiers for good, with their files and the emails about them."""
    Courriel.objects.filter(reference__in=_references(dossiers)).delete()
    # Before the rows: were the process killed in between, the next purge begins again.
    _delete_files(dossiers)
    Dossier.with_trash.filter(pk__in=[dossier.pk for dossier in dossiers]).delete()


def _references(dossiers: list[Dossier]) -> list[str]:
    """Return the references of all the emails about these dossiers."""
    invites = Invite.objects.filter(dossier__in=dossiers).values_list("pk", flat=True)
    offers = Transfert.objects.filter(dossier__in=dossiers)
    return [
        *(courriel_reference(dossier.pk) for dossier in dossiers),
        *(invitations.courriel_reference(pk) for pk in invites),
        *(offer.courriel_reference for offer in offers),
    ]


def _delete_files(dossiers: list[Dossier]) -> None:
    """Delete the file of every row that goes with these dossiers, whatever its model."""
    collector = Collector(using=router.db_for_write(Dossier))
    collector.collect(dossiers)
    collected = [list(rows) for rows in collector.data.values()]
    for row in [row for rows in (*collected, *collector.fast_deletes) for row in _with_files(rows)]:
        for field in _file_fields(type(row)):
            file = getattr(row, field)
            if file:
                file.storage.delete(file.name)


def _with_files(rows) -> list:
    """Return the rows of a model that has files, nothing for the others, unread."""
    model = getattr(rows, "model", None) or (type(rows[0]) if rows else None)
    return list(rows) if model is not None and _file_fields(model) else []


def _file_fields(model) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields if isinstance(field, FileField)]


def _hide(dossier: Dossier) -> None:
    dossier.hidden_at = timezone.now()
    dossier.save(update_fields=["hidden_at"])
    cancel_offers(dossier, by=None)
