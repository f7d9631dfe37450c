"""Terminés at the end of their conservation: announced a month before, then erased for good.

Source: RGPD art. 5(1)(e); how long: `Procedure.retention_months`, and `Dossier.kept_months_more`.
"""

import logging
from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from dossiers import corbeille, policies
from dossiers.alertes import write_to_each
from dossiers.avis_usager import tell
from dossiers.destinataires import followers_or_groupe
from dossiers.enums import (
    ALERTES_FROM_HOUR,
    CONSERVATION_MORE_MAX_MONTHS,
    CONSERVATION_MORE_MONTHS,
    CONSERVATION_WARNED_BEFORE,
    HistoryAction,
)
from dossiers.historique import record
from dossiers.locks import locked_dossier
from dossiers.models import Dossier, DossierQuerySet, Suppression, Transfert

logger = logging.getLogger(__name__)
BATCH_SIZE = 100
NOT_TERMINE = "Seul un dossier terminé a une fin de conservation."
KEPT_ENOUGH = (
    f"Ce dossier est déjà conservé {CONSERVATION_MORE_MAX_MONTHS} mois de plus que prévu : "
    "au-delà, téléchargez-le."
)

_holds: list[Callable[[], Q]] = []


def register_hold(hold: Callable[[], Q]) -> None:
    """Let another app say which dossiers must not be erased now: a treatment is at them."""
    _holds.append(hold)


def keep_longer(dossier_id: int, *, by) -> Dossier:
    """Keep a terminé six months more. Raises PermissionDenied, ValidationError, DoesNotExist."""
    with transaction.atomic():
        dossier = locked_dossier(dossier_id, "procedure")
        if not policies.can_decide(by, dossier):
            raise PermissionDenied
        if not dossier.is_termine:
            raise ValidationError(NOT_TERMINE, code="state")
        months = dossier.kept_months_more + CONSERVATION_MORE_MONTHS
        if months > CONSERVATION_MORE_MAX_MONTHS:
            raise ValidationError(KEPT_ENOUGH, code="max")
        dossier.kept_months_more = months
        # Announced for another day: it will be announced again.
        dossier.erasure_announced_on = None
        dossier.save(update_fields=["kept_months_more", "erasure_announced_on"])
        until = date_format(dossier.kept_until, "d/m/Y")
        record(HistoryAction.KEEP_LONGER, dossier, by=by, text=f"Conservé jusqu’au {until}.")
    return dossier


def apply_due() -> None:
    """Announce what ends within thirty days; erase what was announced and is over.

    Safe to run twice, or two at once; what an outage left undone is due at the next call.
    """
    if timezone.localtime().hour >= ALERTES_FROM_HOUR:
        while _announce_batch(timezone.localdate()):
            pass
    while _erase_batch(timezone.localdate()):
        pass


def _announce_batch(today: date) -> int:
    by = today + CONSERVATION_WARNED_BEFORE
    with transaction.atomic():
        ending = Dossier.objects.expiring_by(by).filter(
            Q(erasure_announced_on=None) | Q(erasure_announced_on__lt=F("expires_on"))
        )
        dossiers = _locked(ending, "usager")
        people = defaultdict(list)
        for dossier in dossiers:
            _announce(dossier, max(by, dossier.expires_on), people)
        write_to_each("dossiers_bientot_supprimes", people, key=f"conservation:{today}")
    return len(dossiers)


def _announce(dossier: Dossier, day: date, people: dict) -> None:
    """Tell the usager, unless they put it away, and those who follow it: at least somebody."""
    dossier.erasure_announced_on = day
    dossier.save(update_fields=["erasure_announced_on"])
    is_hidden = dossier.hidden_at is not None
    if not is_hidden:
        tell(
            "dossier_bientot_supprime",
            dossier,
            to=dossier.usager.email,
            path=reverse("dossiers:dossier_detail", args=[dossier.pk]),
            label="Télécharger mes documents",
            key=f"conservation:{dossier.pk}:{day}:{dossier.usager_id}",
            erased_after=day,
        )
    if is_hidden or dossier.followers_count:
        for user in followers_or_groupe(dossier):
            people[user].append(dossier)


def _erase_batch(today: date) -> int:
    offered = Transfert.objects.pending().filter(dossier_id=OuterRef("pk"))
    over = (
        Dossier.objects.expiring_by(today - timedelta(days=1))
        .filter(erasure_announced_on__lt=today, erasure_announced_on__gte=F("expires_on"))
        .filter(~Exists(offered))
    )
    for hold in _holds:
        over = over.exclude(hold())
    with transaction.atomic():
        dossiers = _locked(over)
        if not dossiers:
            return 0
        Suppression.objects.bulk_create(
            Suppression(
                procedure_id=dossier.procedure_id,
                groupe_id=dossier.groupe_id,
                dossier_number=dossier.pk,
                state=dossier.state,
                submitted_at=dossier.submitted_at,
                decided_at=dossier.decided_at,
                erased_at=timezone.now(),
            )
            for dossier in dossiers
        )
        corbeille.erase(dossiers)
    logger.info("Conservation : %s dossiers effacés", len(dossiers))
    return len(dossiers)


def _locked(dossiers: DossierQuerySet, *joined: str) -> list[Dossier]:
    """Return a batch, locked; what somebody else holds at this moment waits for the next call."""
    return list(
        dossiers.order_by("decided_at", "pk")
        .select_for_update(of=("self",), skip_locked=True)
        .select_related("procedure__organisme", *joined)
        .without_answers()[:BATCH_SIZE]
    )
