"""Assigning accompagnateurs to a procédure."""

from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from accounts.models import normalize_email
from courriels.outbox import enqueue
from courriels.rendering import render_courriel
from procedures.models import Affectation, Procedure


def assign(procedure: Procedure, email: str, *, by) -> Affectation:
    """Assign the person at `email`, who is told by email; someone unknown is invited to TPS.

    Assigning twice changes nothing and sends nothing.
    """
    from accounts.invitations import get_or_invite  # noqa: PLC0415

    with transaction.atomic():
        existing = Affectation.objects.filter(
            procedure=procedure, user__email=normalize_email(email)
        ).first()
        if existing is not None:
            return existing
        user, invited = get_or_invite(
            email,
            invited_by=by,
            reason=f"instruire les dossiers de la procédure « {procedure.title} »",
            next_path=reverse("instruction:procedure_list"),
        )
        affectation, is_new = Affectation.objects.get_or_create(procedure=procedure, user=user)
        if is_new and not invited and user != by:
            _tell(affectation, by=by)
    return affectation


def assign_all(procedure: Procedure, emails: Iterable[str], *, by) -> int:
    """Assign every address, all or none; return how many were not assigned before."""
    with transaction.atomic():
        before = set(procedure.affectations.values_list("pk", flat=True))
        assigned = {assign(procedure, email, by=by).pk for email in emails}
    return len(assigned - before)


def unassign(affectation: Affectation) -> None:
    """Take the dossiers of the procédure away from this person; what they did stays written."""
    affectation.delete()


def _tell(affectation: Affectation, *, by) -> None:
    url = f"{settings.SITE_URL}{reverse('instruction:procedure_list')}"
    written = render_courriel(
        "procedures/mails/affectation",
        {
            "procedure": affectation.procedure,
            "by": by,
            "action_url": url,
            "action_label": "Voir mes procédures",
        },
    )
    enqueue(
        to=affectation.user.email,
        kind="affectation",
        subject=written.subject,
        body_text=written.body_text,
        body_html=written.body_html,
        reference=f"procedure:{affectation.procedure_id}",
    )
