"""What is expected of an usager: shown first in « Mes dossiers », whatever the page.

A source says which dossiers expect something (a condition that the database sorts by) and what
(for the dossiers of one page, in one query at most). To add one: `SOURCES`, at the end.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Case, Exists, IntegerField, OuterRef, Q, Value, When
from django.urls import reverse
from django.utils import timezone

from dossiers.enums import CLOSING_SOON, EXPIRY_WARNED_BEFORE, DossierState
from dossiers.expiration import day
from dossiers.models import Correction, Dossier, DossierQuerySet
from dossiers.models.queryset import unread_by_usager
from procedures.dates import moment
from procedures.enums import ProcedureState


@dataclass(frozen=True)
class Attente:
    """One thing that is expected for a dossier, and where to do it."""

    text: str
    url: str
    label: str


@dataclass(frozen=True)
class Source:
    """A kind of thing that is expected.

    For a person and a moment, `rule` gives the condition of the dossiers concerned; `read` the
    attentes of those of a page, by number, whose procédure is fetched: it may ask the database
    once. Theirs alone, or those they were invited to as well: each source says so.
    """

    rule: Callable[[AbstractBaseUser, datetime], Q]
    read: Callable[[AbstractBaseUser, list[Dossier], datetime], Iterable[tuple[int, Attente]]]


def attentes_of(user, dossiers: Iterable[Dossier]) -> dict[int, list[Attente]]:
    """Return what is expected of `user` for each of these dossiers, by number.

    The most urgent first, in a fixed number of queries, whatever the number of dossiers.
    """
    page, now = list(dossiers), timezone.now()
    found = defaultdict(list)
    if page:
        for source in SOURCES:
            for pk, attente in source.read(user, page, now):
                found[pk].append(attente)
    return dict(found)


def with_attentes(user, dossiers: DossierQuerySet) -> DossierQuerySet:
    """Add `is_expected`, 1 where something is expected, else 0: to sort by, or to count."""
    now = timezone.now()
    rule = Q(pk=None)
    for source in SOURCES:
        rule |= source.rule(user, now)
    return dossiers.annotate(
        is_expected=Case(When(rule, then=Value(1)), default=0, output_field=IntegerField())
    )


def _expiry_rule(user, now: datetime) -> Q:
    limit = now - timedelta(days=settings.BROUILLON_LIFETIME_DAYS) + EXPIRY_WARNED_BEFORE
    untouched = Q(prolonged_at=None) | Q(prolonged_at__lte=limit)
    return untouched & Q(usager_id=user.pk, state=DossierState.BROUILLON, updated_at__lte=limit)


def _read_expiry(user, page: list[Dossier], now: datetime) -> Iterable[tuple[int, Attente]]:
    for dossier in page:
        if dossier.usager_id == user.pk and dossier.expires_soon:
            text = f"Ce brouillon sera supprimé le {day(dossier.expires_at)} s’il ne change pas."
            yield dossier.pk, Attente(text, _edit_url(dossier), "Le reprendre ou le prolonger")


def _closing_rule(user, now: datetime) -> Q:
    return Q(
        usager_id=user.pk,
        state=DossierState.BROUILLON,
        procedure__state=ProcedureState.PUBLIEE,
        procedure__closes_at__gt=now,
        procedure__closes_at__lte=now + CLOSING_SOON,
    )


def _read_closing(user, page: list[Dossier], now: datetime) -> Iterable[tuple[int, Attente]]:
    for dossier in page:
        closes_at = dossier.procedure.closes_at
        is_soon = closes_at is not None and now < closes_at <= now + CLOSING_SOON
        is_open = is_soon and dossier.procedure.state == ProcedureState.PUBLIEE
        if is_open and dossier.is_brouillon and dossier.usager_id == user.pk:
            text = f"La procédure se clôt le {moment(closes_at)}."
            yield dossier.pk, Attente(text, _edit_url(dossier), "Compléter et soumettre")


def _refused_rule(user, now: datetime) -> Q:
    """What was typed and refused, in a brouillon or in changes not filed yet."""
    in_brouillon = Q(state=DossierState.BROUILLON) & ~Q(saisies_refusees={})
    in_changes = Q(modification__isnull=False) & ~Q(modification__saisies_refusees={})
    found = in_brouillon | (Q(state=DossierState.EN_CONSTRUCTION) & in_changes)
    return found & Q(usager_id=user.pk)


def _read_refused(user, page: list[Dossier], now: datetime) -> Iterable[tuple[int, Attente]]:
    text = "Des réponses sont à corriger : elles ne sont pas enregistrées."
    for dossier in _among(page, _refused_rule(user, now)):
        yield dossier.pk, Attente(text, _edit_url(dossier), "Corriger")


def _changed_rule(user, now: datetime) -> Q:
    filed = Q(usager_id=user.pk, state=DossierState.EN_CONSTRUCTION)
    return filed & Q(modification__isnull=False)


def _read_changed(user, page: list[Dossier], now: datetime) -> Iterable[tuple[int, Attente]]:
    text = "Vos modifications ne sont pas déposées : le service ne les voit pas."
    for dossier in _among(page, _changed_rule(user, now)):
        yield dossier.pk, Attente(text, _edit_url(dossier), "Les revoir et les déposer")


def _correction_rule(user, now: datetime) -> Q:
    """What the service asked to correct: its usager's, whoever else may write in it."""
    asked = Correction.objects.pending().filter(dossier_id=OuterRef("pk"))
    return Q(usager_id=user.pk, state=DossierState.EN_CONSTRUCTION) & Q(Exists(asked))


def _read_corrections(user, page: list[Dossier], now: datetime) -> Iterable[tuple[int, Attente]]:
    text = "Le service vous demande de corriger votre dossier."
    for dossier in _among(page, _correction_rule(user, now)):
        yield dossier.pk, Attente(text, _edit_url(dossier), "Voir ce qui est à corriger")


def _unread_rule(user, now: datetime) -> Q:
    return Q(Exists(unread_by_usager(user)))


def _read_unread(user, page: list[Dossier], now: datetime) -> Iterable[tuple[int, Attente]]:
    for dossier in _among(page, _unread_rule(user, now)):
        url = reverse("dossiers:message_list", args=[dossier.pk])
        yield dossier.pk, Attente("Vous avez un message non lu.", url, "Le lire")


def _among(page: list[Dossier], rule: Q) -> list[Dossier]:
    """Return the dossiers of a page that a condition holds for, in one query."""
    concerned = Dossier.objects.filter(rule, pk__in=[dossier.pk for dossier in page])
    found = set(concerned.values_list("pk", flat=True))
    return [dossier for dossier in page if dossier.pk in found]


def _edit_url(dossier: Dossier) -> str:
    return reverse("dossiers:dossier_edit", args=[dossier.pk])


SOURCES: tuple[Source, ...] = (
    Source(_correction_rule, _read_corrections),
    Source(_unread_rule, _read_unread),
    Source(_closing_rule, _read_closing),
    Source(_refused_rule, _read_refused),
    Source(_changed_rule, _read_changed),
    Source(_expiry_rule, _read_expiry),
)
