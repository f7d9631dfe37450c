"""Sending the digests: to everybody once, whatever stops in the middle."""

import logging
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from courriels.outbox import enqueue
from courriels.rendering import render_courriel
from dossiers.models import Invite, PreferenceNotification
from instruction.enums import Rythme
from instruction.models import EnvoiSynthese
from instruction.notifications.contenu import news_of
from instruction.notifications.desabonnement import unsubscribe_path
from instruction.notifications.periodes import Periode, due_periods
from procedures.models import Affectation

logger = logging.getLogger(__name__)

KIND = "synthese"
PEOPLE_PER_BATCH = 50


def take_due(now: datetime) -> list[int]:
    """Return the keys of the sendings that are due at `now`, begun where they were not."""
    found = []
    for periode in due_periods(now):
        envoi, _is_new = EnvoiSynthese.objects.get_or_create(
            kind=periode.kind, ends_on=periode.ends_on, defaults={"starts_on": periode.starts_on}
        )
        if envoi.finished_at is None:
            found.append(envoi.pk)
    return found


def carry_on(pk: int) -> bool:
    """Write to some more people; True once everybody has been, or while another worker does it.

    The emails and the mark of how far it went are one transaction: what a crash undoes is done
    again, what was done is not.
    """
    with transaction.atomic():
        envoi = (
            EnvoiSynthese.objects.select_for_update(skip_locked=True)
            .filter(pk=pk, finished_at=None)
            .first()
        )
        if envoi is None:
            return True
        people = list(_people(envoi.kind).filter(pk__gt=envoi.last_user_id)[:PEOPLE_PER_BATCH])
        periode = Periode(Rythme(envoi.kind), envoi.starts_on, envoi.ends_on)
        for user in people:
            send_digest(user, periode)
        if people:
            envoi.last_user_id = people[-1].pk
        else:
            envoi.finished_at = timezone.now()
        envoi.save(update_fields=["last_user_id", "finished_at"])
    return not people


def send_digest(user: User, periode: Periode) -> bool:
    """Write to one person what is new; tell whether there was anything. Once for each period."""
    news = news_of(user, periode)
    if not news:
        return False
    context = {
        "user": user,
        "periode": periode,
        "is_weekly": periode.kind == Rythme.SEMAINE,
        "procedures": [(item, _absolute(unsubscribe_path(user, item.procedure))) for item in news],
        "is_instructing": any(item.new_count or item.followed or item.waiting for item in news),
        "preferences_url": _absolute(reverse("instruction:preference_list")),
        "action_url": _absolute(reverse("instruction:procedure_list")),
        "action_label": "Ouvrir mes procédures",
    }
    rendered = render_courriel("instruction/mails/synthese", context)
    try:
        enqueue(
            to=user.email,
            kind=KIND,
            subject=rendered.subject,
            body_text=rendered.body_text,
            body_html=rendered.body_html,
            unsubscribe_url=_absolute(unsubscribe_path(user)),
            key=f"{KIND}:{periode.kind}:{periode.ends_on.isoformat()}:{user.pk}",
        )
    except ValidationError:
        logger.warning("Synthèse impossible pour le compte %s : adresse refusée", user.pk)
    return True


def _people(kind: str):
    """Return those who may have news, in the order of their accounts."""
    mine = Affectation.objects.filter(user_id=OuterRef("pk"))
    invited = Invite.objects.live().of_service().filter(user_id=OuterRef("pk"))
    people = User.objects.filter(is_active=True).filter(Q(Exists(mine)) | Q(Exists(invited)))
    if kind == Rythme.JOUR:
        daily = PreferenceNotification.objects.filter(user_id=OuterRef("pk"), daily=True)
        people = people.filter(Exists(daily))
    return people.order_by("pk")


def _absolute(path: str) -> str:
    return f"{settings.SITE_URL}{path}"
