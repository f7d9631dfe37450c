"""Who follows a dossier: taking it, giving it to a colleague, taking it back from one."""

from collections.abc import Iterable

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse

from accounts.models import User
from courriels.outbox import enqueue
from courriels.rendering import render_courriel
from dossiers import policies, suivis
from dossiers.enums import HistoryAction
from dossiers.historique import record
from dossiers.locks import locked_dossier
from dossiers.models import Dossier, Suivi
from dossiers.workflow import courriel_reference
from procedures.models import Affectation


def colleagues_of(dossier: Dossier):
    """Return the accompagnateurs to whom a dossier may be given: those of its groupe.

    Its usager, and those who follow it already, are left out.
    """
    members = Affectation.objects.filter(groupe_id=dossier.groupe_id).values("user_id")
    following = Suivi.objects.filter(dossier=dossier).values("user_id")
    people = User.objects.filter(pk__in=members, is_active=True).exclude(pk__in=following)
    return people.exclude(pk=dossier.usager_id).order_by("last_name", "first_name", "email")


def assign(dossier_id: int, users: Iterable[User], *, by) -> list[User]:
    """Give a dossier to colleagues, who are told once; return those who did not follow it yet.

    Raises PermissionDenied, also when one of them does not see the dossier.
    """
    with transaction.atomic():
        dossier = locked_dossier(dossier_id, "usager", "etablissement", "procedure__organisme")
        if not policies.can_decide(by, dossier) or dossier.is_test:
            raise PermissionDenied
        given = [user for user in users if suivis.follow(dossier, by=by, user=user)]
        for user in given:
            record(HistoryAction.ASSIGN, dossier, by=by, person=str(user))
            if user.pk != by.pk:
                _tell(dossier, user, by)
    return given


def take_off(dossier_id: int, user: User, *, by) -> bool:
    """Let a colleague follow a dossier no more; tell whether they did.

    Raises PermissionDenied when `by` may not decide.
    """
    with transaction.atomic():
        dossier = locked_dossier(dossier_id)
        if not policies.can_decide(by, dossier):
            raise PermissionDenied
        was_following = suivis.unfollow(dossier, user=user)
        if was_following and user.pk != by.pk:
            record(HistoryAction.UNASSIGN, dossier, by=by, person=str(user))
    return was_following


def _tell(dossier: Dossier, user: User, by: User) -> None:
    path = reverse("instruction:dossier_detail", args=[dossier.pk])
    context = {
        "dossier": dossier,
        "by": by,
        "action_label": "Voir le dossier",
        "action_url": f"{settings.SITE_URL}{path}",
    }
    rendered = render_courriel("instruction/mails/dossier_confie", context)
    suivi = Suivi.objects.get(dossier=dossier, user=user)
    enqueue(
        to=user.email,
        kind="dossier_confie",
        subject=rendered.subject,
        body_text=rendered.body_text,
        body_html=rendered.body_html,
        reference=courriel_reference(dossier.pk),
        key=f"suivi:{suivi.pk}",
    )
