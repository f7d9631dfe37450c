"""Brouillons that nobody touches: their usager is warned twice, then they go to the bin."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from dossiers import corbeille, policies
from dossiers.avis_usager import corbeille_path, tell
from dossiers.enums import EXPIRY_WARNED_AGAIN_BEFORE, EXPIRY_WARNED_BEFORE, DossierState
from dossiers.locks import locked_dossier
from dossiers.models import Dossier, DossierQuerySet

BATCH_SIZE = 100
_JOINED = ("usager", "procedure__organisme")


def prolong(dossier_id: int, *, by) -> Dossier:
    """Give a brouillon its whole lifetime again. Raises PermissionDenied, Dossier.DoesNotExist."""
    with transaction.atomic():
        dossier = locked_dossier(dossier_id)
        if not dossier.is_brouillon or not policies.can_edit(by, dossier):
            raise PermissionDenied
        dossier.prolonged_at = timezone.now()
        dossier.save(update_fields=["prolonged_at"])
    return dossier


def untouched_until(dossiers: DossierQuerySet, limit: datetime) -> DossierQuerySet:
    """Return the brouillons that nobody touched or prolonged after `limit`."""
    return dossiers.filter(
        Q(prolonged_at=None) | Q(prolonged_at__lte=limit),
        state=DossierState.BROUILLON,
        updated_at__lte=limit,
    )


def expire_due() -> None:
    """Warn, warn again, put in the bin: each when its time has come.

    Safe to run twice, or two at once; what a crash left undone is due at the next call.
    """
    lifetime = timedelta(days=settings.BROUILLON_LIFETIME_DAYS)
    # The last warning first: a brouillon that is late for both is warned once.
    for step in (_warn_again_batch, _warn_batch, _expire_batch):
        while step(timezone.now(), lifetime):
            pass


def _warn_batch(now: datetime, lifetime: timedelta) -> int:
    brouillons = _reckoned(now - lifetime + EXPIRY_WARNED_BEFORE).filter(
        Q(expiry_warned_at=None) | Q(expiry_warned_at__lt=F("since")),
        since__gt=now - lifetime + EXPIRY_WARNED_AGAIN_BEFORE,
    )
    return _each(brouillons, lambda dossier: _warn(dossier, "expiry_warned_at", now))


def _warn_again_batch(now: datetime, lifetime: timedelta) -> int:
    brouillons = _reckoned(now - lifetime + EXPIRY_WARNED_AGAIN_BEFORE).filter(
        Q(expiry_warned_again_at=None) | Q(expiry_warned_again_at__lt=F("since"))
    )
    return _each(brouillons, lambda dossier: _warn(dossier, "expiry_warned_again_at", now))


def _expire_batch(now: datetime, lifetime: timedelta) -> int:
    brouillons = _reckoned(now - lifetime).filter(
        expiry_warned_again_at__gte=F("since"),
        expiry_warned_again_at__lte=now - EXPIRY_WARNED_AGAIN_BEFORE,
    )
    return _each(brouillons, _expire)


def _reckoned(limit: datetime) -> DossierQuerySet:
    """Return the brouillons untouched since `limit`, with `since`, from when each is reckoned."""
    return untouched_until(Dossier.objects.all(), limit).annotate(
        since=Greatest("updated_at", "prolonged_at")
    )


def _each(brouillons: DossierQuerySet, do) -> int:
    """Do something to a batch, all of it or nothing; return how many there were."""
    with transaction.atomic():
        batch = list(
            brouillons.order_by("updated_at", "pk")
            .select_for_update(of=("self",), skip_locked=True)
            .select_related(*_JOINED)
            .without_answers()[:BATCH_SIZE]
        )
        for dossier in batch:
            do(dossier)
    return len(batch)


def _warn(dossier: Dossier, column: str, now: datetime) -> None:
    setattr(dossier, column, now)
    dossier.save(update_fields=[column])
    tell(
        "brouillon_expire",
        dossier,
        to=dossier.usager.email,
        path=reverse("dossiers:dossier_edit", args=[dossier.pk]),
        label="Reprendre mon brouillon",
        expires_on=day(dossier.expires_at),
        kept_days=settings.BROUILLON_LIFETIME_DAYS,
    )


def _expire(dossier: Dossier) -> None:
    corbeille.trash(dossier, by=None)
    tell(
        "brouillon_supprime",
        dossier,
        to=dossier.usager.email,
        path=corbeille_path(),
        label="Ouvrir ma corbeille",
        until=day(corbeille.erased_at(dossier)),
    )


def day(moment: datetime) -> str:
    """Write a day of Paris."""
    return date_format(timezone.localtime(moment), "d/m/Y")
