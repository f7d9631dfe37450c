"""The legal deadline of a dossier: begun, suspended, resumed, ended.

Each function takes a dossier whose row is locked, within the transaction of its cause; where the
dossier has no deadline, nothing happens. The days are those of Paris.
"""

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from dossiers import policies
from dossiers.enums import HistoryAction
from dossiers.historique import record
from dossiers.locks import locked_dossier
from dossiers.models import ECHEANCE_WARNED_BEFORE_DAYS, Dossier, EcheanceLegale
from procedures.delais_legaux import RULE_FIELDS, last_day
from procedures.enums import CorrectionDuDelai, DebutDuDelai
from procedures.models import DelaiLegal

NOT_WAITING = "Ce dossier a déjà été déclaré complet, ou n’a pas de délai à faire commencer."
AWAITED = "Une correction est demandée : attendez-la, ou annulez-la, pour le déclarer complet."


def open_echeance(dossier: Dossier) -> None:
    """Give a dossier just filed the rule in force in its procédure; a test has none."""
    rule = DelaiLegal.objects.filter(procedure_id=dossier.procedure_id).first()
    if rule is None or dossier.is_test:
        return
    values = {name: getattr(rule, name) for name in RULE_FIELDS}
    echeance = EcheanceLegale(dossier=dossier, **values)
    if rule.start == DebutDuDelai.DEPOT:
        _begin(echeance, timezone.localdate())
    _store(dossier, echeance)


def declare_complete(dossier_id: int, *, by) -> Dossier:
    """Begin the deadline that waits for a complete dossier.

    Raises PermissionDenied, Dossier.DoesNotExist, ValidationError.
    """
    with transaction.atomic():
        dossier = locked_dossier(dossier_id)
        if not policies.can_decide(by, dossier):
            raise PermissionDenied
        echeance = _echeance_of(dossier)
        if echeance is None or not echeance.is_waiting or dossier.is_termine:
            raise ValidationError(NOT_WAITING, code="not_waiting")
        if dossier.corrections.pending().exists():
            raise ValidationError(AWAITED, code="awaited")
        _begin(echeance, timezone.localdate())
        _store(dossier, echeance)
        record(HistoryAction.DECLARE_COMPLETE, dossier, by=by)
    return dossier


def begin_if_waiting(dossier: Dossier) -> None:
    """Begin the deadline of a dossier that passes en instruction: it is then complete."""
    echeance = _echeance_of(dossier)
    if echeance is not None and echeance.is_waiting:
        _begin(echeance, timezone.localdate())
        _store(dossier, echeance)


def suspend(dossier: Dossier) -> None:
    """Let its days stand still; a deadline that is over stays over.

    Source: code des relations entre le public et l’administration, art. L114-5.
    """
    echeance = _echeance_of(dossier)
    if echeance is None or not echeance.is_running or echeance.is_past:
        return
    echeance.suspended_on = timezone.localdate()
    _store(dossier, echeance)


def resume(dossier: Dossier) -> None:
    """Let its days go by again, unless a correction is still awaited: those left, or all of them.

    The following day is the first that counts.
    """
    echeance = _echeance_of(dossier)
    if echeance is None or not echeance.is_suspended or dossier.corrections.pending().exists():
        return
    today = timezone.localdate()
    if echeance.on_correction == CorrectionDuDelai.RESTART:
        _begin(echeance, today)
    else:
        echeance.due_on += today - echeance.suspended_on
        echeance.suspended_on = None
    _store(dossier, echeance)


def end(dossier: Dossier) -> None:
    """End it: the decision is taken. Nothing starts it again by itself."""
    echeance = _echeance_of(dossier)
    if echeance is not None and echeance.ended_at is None:
        echeance.ended_at = timezone.now()
        _store(dossier, echeance)


def _echeance_of(dossier: Dossier) -> EcheanceLegale | None:
    """Return it as it is in the database now, whatever the dossier in memory remembers."""
    return EcheanceLegale.objects.filter(pk=dossier.pk).first()


def _begin(echeance: EcheanceLegale, day: date) -> None:
    echeance.started_on, echeance.suspended_on = day, None
    echeance.due_on = last_day(day, echeance)
    length = (echeance.due_on - day).days
    # A short deadline is not warned of from its very first day.
    known = [days for days in ECHEANCE_WARNED_BEFORE_DAYS if days >= length]
    echeance.warned_days = min(known, default=None)


def _store(dossier: Dossier, echeance: EcheanceLegale) -> None:
    echeance.save()
    dossier.due_on = echeance.due_on if echeance.is_running else None
    dossier.save(update_fields=["due_on"])
