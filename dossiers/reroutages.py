"""Sending the dossiers of a procédure among its groupes again, after its rules changed.

Only those that nobody took up move (`routage.not_taken_up`), and only after a look at what would
move. Each moves in a transaction of its own that also notes how far the whole went: a worker may
die at any moment, another goes on.
"""

import logging
from functools import partial
from time import monotonic

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from dossiers import routage
from dossiers.changement_de_groupe import drop_followers
from dossiers.enums import HistoryAction, ReroutageKind
from dossiers.historique import record
from dossiers.locks import locked_dossier
from dossiers.models import Dossier, Reroutage, Retrait
from procedures.groupes import rules_mark
from procedures.models import Groupe, Procedure, Revision
from procedures.policies import can_administer

logger = logging.getLogger(__name__)

BATCH_SIZE = 500
BUDGET_SECONDS = 120.0
# How long whoever asks for an aperçu waits for it, before it goes on in the background.
PREVIEW_SECONDS = 2.0
REASONS_KEPT = 100
EXAMPLES_KEPT = 5
RULES_CHANGED = "Les règles ont changé entre-temps : demandez un nouvel aperçu."


class RerouteRefused(Exception):
    """Nothing was begun; the message says why, in French."""


def preview(procedure: Procedure, *, by) -> Reroutage:
    """Look at what the present rules would move; a large procédure goes on in the background.

    Raises PermissionDenied, RerouteRefused.
    """
    from dossiers.tasks import run_reroutage  # noqa: PLC0415 -- the task calls this module

    reroutage = _begin(
        procedure,
        by,
        kind=ReroutageKind.APERCU,
        rules_mark=rules_mark(procedure),
        total=routage.not_taken_up(procedure).count(),
    )
    if not carry_on(reroutage.pk, budget_seconds=PREVIEW_SECONDS):
        run_reroutage.delay_on_commit(reroutage.pk)
    reroutage.refresh_from_db()
    return reroutage


def apply(seen: Reroutage, *, by) -> Reroutage:
    """Do what an aperçu showed, in the background.

    Raises PermissionDenied, RerouteRefused when the rules are no longer those it followed.
    """
    from dossiers.tasks import run_reroutage  # noqa: PLC0415 -- the task calls this module

    procedure = seen.procedure
    if seen.finished_at is None or not is_current(seen):
        raise RerouteRefused(RULES_CHANGED)
    reroutage = _begin(
        procedure,
        by,
        kind=ReroutageKind.APPLICATION,
        rules_mark=seen.rules_mark,
        total=routage.not_taken_up(procedure).count(),
        announced=seen.moved,
    )
    run_reroutage.delay_on_commit(reroutage.pk)
    return reroutage


def empty_and_delete(groupe: Groupe, target: Groupe | None, *, by) -> Reroutage | None:
    """Delete a groupe, its dossiers given to `target` first; None when it had none.

    Its rule ends at once. Raises PermissionDenied, RerouteRefused.
    """
    from dossiers.tasks import run_reroutage  # noqa: PLC0415 -- the task calls this module

    if not can_administer(by, groupe.procedure):
        raise PermissionDenied
    with transaction.atomic():
        if groupe.is_default:
            raise RerouteRefused("Le groupe par défaut ne se supprime pas : renommez-le.")
        total = dossiers_of(groupe).count()
        if not total:
            _delete(groupe, Groupe.objects.default_of(groupe.procedure_id))
            return None
        if target is None or target.procedure_id != groupe.procedure_id or target.pk == groupe.pk:
            raise RerouteRefused("Choisissez le groupe qui reçoit ses dossiers.")
        reroutage = _begin(
            groupe.procedure,
            by,
            kind=ReroutageKind.SUPPRESSION,
            source=groupe,
            target=target,
            source_name=groupe.name,
            total=total,
        )
        Groupe.objects.filter(pk=groupe.pk).update(rule=None)
        run_reroutage.delay_on_commit(reroutage.pk)
    return reroutage


def dossiers_of(groupe: Groupe):
    """Return every dossier that holds a groupe back, those of the bin and the tests included."""
    return Dossier.with_trash.filter(groupe=groupe)


def is_current(reroutage: Reroutage) -> bool:
    """Tell whether the rules are still those that a walk followed."""
    return reroutage.rules_mark == rules_mark(reroutage.procedure)


def carry_on(pk: int, *, budget_seconds: float = BUDGET_SECONDS) -> bool:
    """Give their turn to the dossiers that had none yet; return whether nothing is left to do."""
    deadline = monotonic() + budget_seconds
    while True:
        reroutage = Reroutage.objects.en_cours().select_related("procedure").filter(pk=pk).first()
        if reroutage is None:
            return True
        if reroutage.kind != ReroutageKind.SUPPRESSION and not is_current(reroutage):
            _finish(pk, stopped=RULES_CHANGED)
            return True
        batch = _batch(reroutage)
        if not batch:
            _finish(pk, stopped=_end(reroutage))
            return True
        if not _walk(reroutage, batch, deadline):
            return True
        if monotonic() > deadline:
            return False


def take_left_behind() -> list[int]:
    """Return the walks to carry on that a crash left behind, and note that they are taken."""
    now = timezone.now()
    with transaction.atomic():
        rows = Reroutage.objects.left_behind(now).select_for_update(skip_locked=True, of=("self",))
        pks = list(rows.values_list("pk", flat=True))
        Reroutage.objects.filter(pk__in=pks).update(active_at=now)
    return pks


def _begin(procedure: Procedure, by, **values) -> Reroutage:
    if not can_administer(by, procedure):
        raise PermissionDenied
    try:
        with transaction.atomic():
            return Reroutage.objects.create(procedure=procedure, asked_by=by, **values)
    except IntegrityError:
        raise RerouteRefused(
            "Des dossiers de cette procédure changent déjà de groupe : attendez la fin."
        ) from None


def _finish(pk: int, *, stopped: str = "") -> None:
    Reroutage.objects.en_cours().filter(pk=pk).update(finished_at=timezone.now(), stopped=stopped)


def _end(reroutage: Reroutage) -> str:
    """Delete the groupe that is now empty; return why it cannot be, empty when all is well."""
    if reroutage.kind != ReroutageKind.SUPPRESSION or reroutage.source is None:
        return ""
    try:
        _delete(reroutage.source, reroutage.target)
    except ProtectedError:
        return "Le groupe n’est pas supprimé : il lui reste des dossiers. Recommencez."
    return ""


def _delete(groupe: Groupe, heir: Groupe | None) -> None:
    """Delete an empty groupe; what it knew of withdrawn dossiers goes to its heir."""
    with transaction.atomic():
        Retrait.objects.filter(groupe=groupe).update(groupe=heir)
        groupe.delete()


def _batch(reroutage: Reroutage) -> list[Dossier]:
    if reroutage.kind == ReroutageKind.SUPPRESSION:
        dossiers = Dossier.with_trash.filter(groupe_id=reroutage.source_id)
    else:
        dossiers = routage.not_taken_up(reroutage.procedure)
    after = dossiers.filter(pk__gt=reroutage.last_dossier_id).order_by("pk")
    return list(after.defer("search_text", "search_vector", "annotations")[:BATCH_SIZE])


def _walk(reroutage: Reroutage, batch: list[Dossier], deadline: float) -> bool:
    """Give their turn to the dossiers of a batch; False when another worker is at it."""
    if reroutage.kind == ReroutageKind.SUPPRESSION:
        return _each(reroutage.pk, batch, batch, _empty, deadline)
    groupes = list(Groupe.objects.filter(procedure_id=reroutage.procedure_id))
    router, names = routage.Router(groupes), {groupe.pk: groupe.name for groupe in groupes}
    moving = _moving(batch, router)
    if reroutage.is_preview:
        return _note_all(reroutage.pk, batch, moving, names)
    concerned = [dossier for dossier, _groupe in moving]
    if not _each(reroutage.pk, batch, concerned, partial(_reroute, router=router), deadline):
        return False
    return monotonic() > deadline or _note_all(reroutage.pk, batch, [], names)


def _each(pk: int, batch: list[Dossier], concerned: list[Dossier], move, deadline: float) -> bool:
    """Move the dossiers of a batch that are concerned, one by one, until the deadline."""
    for dossier in concerned:
        if not _note(pk, batch, dossier.pk, move):
            return False
        if monotonic() > deadline:
            break
    return True


def _moving(batch: list[Dossier], router: routage.Router) -> list[tuple[Dossier, Groupe]]:
    """Return the dossiers of a batch that the rules send elsewhere, and where."""
    revisions = Revision.objects.in_bulk({dossier.revision_id for dossier in batch})
    moving = []
    for dossier in batch:
        dossier.revision = revisions[dossier.revision_id]
        groupe = router.groupe_for(dossier.questionnaire)
        if groupe.pk != dossier.groupe_id:
            moving.append((dossier, groupe))
    return moving


def _locked_row(pk: int) -> Reroutage | None:
    rows = Reroutage.objects.en_cours().select_for_update(skip_locked=True, of=("self",))
    return rows.select_related("asked_by", "source", "target").filter(pk=pk).first()


def _note_all(pk: int, batch: list[Dossier], moving, names: dict[int, str]) -> bool:
    """Note that a whole batch was looked at, and what of it would move."""
    with transaction.atomic():
        row = _locked_row(pk)
        if row is None:
            return False
        for dossier, groupe in moving:
            _count_move(row, names.get(dossier.groupe_id, "?"), groupe.name, dossier.pk)
        _save(row, batch, batch[-1].pk)
    return True


def _note(pk: int, batch: list[Dossier], dossier_id: int, move) -> bool:
    """Move one dossier by `move` and note it; an unexpected error is a reason to leave it."""
    with transaction.atomic():
        row = _locked_row(pk)
        if row is None:
            return False
        try:
            with transaction.atomic():
                moved = move(row, dossier_id)
        except Dossier.DoesNotExist:  # erased meanwhile
            moved = None
        except (OperationalError, InterfaceError):
            raise  # the database, not this dossier: the whole is taken up again
        except Exception as error:  # one broken dossier must not hold all the others back
            logger.exception("Dossier %s : changement de groupe impossible", dossier_id)
            moved = f"Erreur inattendue ({type(error).__name__}) : signalez-la à l’exploitant."
        if isinstance(moved, str):
            row.skipped += 1
            if len(row.reasons) < REASONS_KEPT:
                row.reasons.append([dossier_id, moved])
        elif moved is not None:
            _count_move(row, *moved, dossier_id)
        _save(row, batch, dossier_id)
    return True


def _count_move(row: Reroutage, former: str, groupe: str, dossier_id: int) -> None:
    for move in row.moves:
        if (move["from"], move["to"]) == (former, groupe):
            break
    else:
        move = {"from": former, "to": groupe, "count": 0, "examples": []}
        row.moves.append(move)
    move["count"] += 1
    if len(move["examples"]) < EXAMPLES_KEPT:
        move["examples"].append(dossier_id)


def _save(row: Reroutage, batch: list[Dossier], last_dossier_id: int) -> None:
    """Note that a batch was looked at up to this dossier."""
    row.done += sum(row.last_dossier_id < dossier.pk <= last_dossier_id for dossier in batch)
    row.last_dossier_id, row.active_at = last_dossier_id, timezone.now()
    row.save(update_fields=["moves", "skipped", "reasons", "done", "last_dossier_id", "active_at"])


def _reroute(row: Reroutage, dossier_id: int, *, router: routage.Router):
    """Move one dossier where the rules send it; return both groupes, or why it stays."""
    dossier = locked_dossier(dossier_id, "procedure", "revision", "groupe")
    if routage.is_taken_up(dossier):
        return "Pris en charge entre-temps."
    former = dossier.groupe
    groupe = routage.reroute(dossier, router=router, by=row.asked_by)
    return (former.name, groupe.name) if groupe else None


def _empty(row: Reroutage, dossier_id: int):
    """Give one dossier of a groupe that ends to the one that takes them."""
    if row.target is None:
        return "Le groupe qui devait le recevoir n’existe plus."
    # In the bin too: it may come back.
    Dossier.with_trash.select_for_update(of=("self",)).only("pk").get(pk=dossier_id)
    dossier = Dossier.with_trash.select_related("groupe").get(pk=dossier_id)
    if dossier.groupe_id != row.source_id:
        return None
    routage.set_groupe(dossier, row.target, is_manual=dossier.groupe_is_manual)
    record(
        HistoryAction.CHANGE_GROUPE,
        dossier,
        by=row.asked_by,
        text=f"De « {row.source_name} », supprimé, à « {row.target} ».",
    )
    drop_followers(dossier)
    return row.source_name, row.target.name
