"""Grouped emails to the service about its dossiers: one for each person, whatever their number."""

import logging
from collections import defaultdict
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from courriels.outbox import enqueue
from courriels.rendering import render_courriel
from dossiers.destinataires import followers_or_groupe
from dossiers.enums import ALERTES_FROM_HOUR
from dossiers.models import ECHEANCE_WARNED_BEFORE_DAYS, Dossier, EcheanceLegale

logger = logging.getLogger(__name__)
BATCH_SIZE = 200


def warn_of_echeances() -> None:
    """Warn once, 15, 7 and 1 days before, of the deadlines that come; never in the night.

    Safe to run twice, or two at once. After an outage, the nearest warning alone is sent.
    """
    if timezone.localtime().hour < ALERTES_FROM_HOUR:
        return
    for days in ECHEANCE_WARNED_BEFORE_DAYS:
        while _warn_batch(days):
            pass


def write_to_each(kind: str, people: dict[User, list[Dossier]], *, key: str, **context) -> None:
    """Write `dossiers/mails/<kind>` once to each person about their dossiers, in the transaction.

    Of the dossiers it names numbers and procédures alone: it outlives some of them.
    """
    for user, dossiers in people.items():
        dossier = dossiers[0]
        path = (
            reverse("instruction:dossier_detail", args=[dossier.pk])
            if len(dossiers) == 1
            else reverse("instruction:procedure_list")
        )
        context |= {
            "dossiers": [
                {"dossier": it, "url": _url(reverse("instruction:dossier_detail", args=[it.pk]))}
                for it in dossiers
            ],
            "action_url": _url(path),
            "action_label": "Ouvrir le dossier" if len(dossiers) == 1 else "Ouvrir TPS",
        }
        rendered = render_courriel(f"dossiers/mails/{kind}", context)
        try:
            enqueue(
                to=user.email,
                kind=kind,
                subject=rendered.subject,
                body_text=rendered.body_text,
                body_html=rendered.body_html,
                key=f"{key}:{dossier.pk}:{user.pk}",
            )
        except ValidationError:
            logger.warning("Compte %s : message « %s » impossible", user.pk, kind)


def _warn_batch(days: int) -> int:
    today = timezone.localdate()
    with transaction.atomic():
        echeances = list(
            EcheanceLegale.objects.filter(
                Q(warned_days=None) | Q(warned_days__gt=days),
                dossier__due_on__gte=today,
                dossier__due_on__lte=today + timedelta(days=days),
                dossier__deleted_at=None,
                dossier__is_test=False,
            )
            .order_by("dossier_id")
            .select_for_update(of=("self",), skip_locked=True)
            .select_related("dossier__procedure")[:BATCH_SIZE]
        )
        people = defaultdict(list)
        for echeance in echeances:
            for user in followers_or_groupe(echeance.dossier):
                people[user].append(echeance.dossier)
        write_to_each("echeances_proches", people, key=f"echeances:{today}:{days}")
        pks = [echeance.pk for echeance in echeances]
        EcheanceLegale.objects.filter(pk__in=pks).update(warned_days=days)
    return len(echeances)


def _url(path: str) -> str:
    return f"{settings.SITE_URL}{path}"
