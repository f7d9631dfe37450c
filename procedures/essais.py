"""The link of the test mode: whoever holds it may try the draft of a procédure."""

import secrets

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from courriels.outbox import enqueue
from courriels.rendering import render_courriel
from procedures.models import Procedure, Revision

TOKEN_BYTES = 24
SESSION_KEY = "essais"
LINKS_REMEMBERED = 10


def draft_to_test(procedure: Procedure) -> Revision | None:
    """Return the draft that tests are made on; None when nothing waits to be published."""
    return Revision.objects.drafts().filter(procedure=procedure).first()


def open_link(procedure: Procedure) -> bool:
    """Make a new link, which ends the former one; return False when there is no draft to test."""
    with transaction.atomic():
        locked = Procedure.objects.select_for_update(of=("self",)).get(pk=procedure.pk)
        if draft_to_test(locked) is None:
            return False
        _set_token(procedure, secrets.token_urlsafe(TOKEN_BYTES))
    return True


def revoke_link(procedure: Procedure) -> None:
    """End the link; the tests already begun go on."""
    _set_token(procedure, None)


def link_path(procedure: Procedure) -> str:
    """Return the path of the link, an empty string when there is none."""
    if procedure.test_token is None:
        return ""
    return reverse("dossiers:essai_public", args=[procedure.test_token])


def tested_procedure(token: str) -> Procedure | None:
    """Return the procédure whose link this is, its organisme fetched; None for a dead link."""
    return Procedure.objects.select_related("organisme").filter(test_token=token).first()


def remember_link(session, procedure: Procedure) -> None:
    """Note in the session that its person holds the link, for what the pages of a test fetch."""
    held = session.get(SESSION_KEY, [])
    if procedure.test_token is not None and procedure.test_token not in held:
        session[SESSION_KEY] = [*held, procedure.test_token][-LINKS_REMEMBERED:]


def holds_link(session, procedure: Procedure) -> bool:
    """Tell whether the link of `procedure`, as it is now, was opened in this session."""
    return procedure.test_token is not None and procedure.test_token in session.get(SESSION_KEY, [])


def invite_testers(procedure: Procedure, emails: list[str], *, by) -> None:
    """Send the link to each address."""
    context = {
        "procedure": procedure,
        "invited_by": by,
        "action_url": f"{settings.SITE_URL}{link_path(procedure)}",
        "action_label": "Essayer la procédure",
    }
    rendered = render_courriel("procedures/mails/essai", context)
    with transaction.atomic():
        for email in emails:
            enqueue(
                to=email,
                kind="essai",
                subject=rendered.subject,
                body_text=rendered.body_text,
                body_html=rendered.body_html,
            )


def _set_token(procedure: Procedure, token: str | None) -> None:
    # Not `save()`: a link is no modification of the procédure.
    Procedure.objects.filter(pk=procedure.pk).update(test_token=token)
    procedure.test_token = token
