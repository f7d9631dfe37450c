"""The emails that say: you have a message, a correction is asked, it was made."""

import logging
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.models import User
from commun.markdown import linkify_text, without_links
from courriels.outbox import enqueue
from courriels.rendering import Rendered, render_courriel, wrap_html
from dossiers.destinataires import recipients_of
from dossiers.enums import (
    MESSAGE_EXCERPT_MAX,
    TEST_COURRIEL_NOTICE,
    TEST_SUBJECT_PREFIX,
    MessageSide,
)
from dossiers.models import Correction, DecisionFile, Dossier, Message, MessageFile
from dossiers.workflow import courriel_reference

logger = logging.getLogger(__name__)


def announce_message(dossier: Dossier, message: Message, file_names: list[str]) -> None:
    """Write to those who read the other side of the thread, within the transaction."""
    context = {
        "dossier": dossier,
        "message": message,
        "excerpt": excerpt_of(message.body),
        "file_names": file_names,
        "service": _service(dossier),
        "action_label": "Lire et répondre",
        "action_url": _url(messagerie_path(dossier, to=_other_side(message.side))),
    }
    _send(dossier, message.side, "message", context, key=f"message:{message.pk}")


def announce_correction(dossier: Dossier, correction: Correction) -> None:
    """Tell the usager what is to be corrected, within the transaction."""
    context = {
        "dossier": dossier,
        "correction": correction,
        "service": _service(dossier),
        "action_label": "Corriger mon dossier",
        "action_url": _url(reverse("dossiers:dossier_edit", args=[dossier.pk])),
    }
    key = f"correction:{correction.pk}"
    _send(dossier, MessageSide.SERVICE, "correction_demandee", context, key=key)


def announce_corrected(dossier: Dossier, correction: Correction) -> None:
    """Tell the accompagnateurs that the usager gives the dossier back, within the transaction."""
    context = {
        "dossier": dossier,
        "correction": correction,
        "action_label": "Voir le dossier",
        "action_url": _url(reverse("instruction:dossier_detail", args=[dossier.pk])),
    }
    key = f"corrige:{correction.pk}"
    _send(dossier, MessageSide.USAGER, "correction_faite", context, key=key)


def announce_refused(file: MessageFile) -> None:
    """Tell whoever sent a file with a message that the antivirus refused it."""
    message = file.message
    dossier = Dossier.with_tests.select_related("usager", "procedure__organisme").get(
        pk=message.dossier_id
    )
    if message.author is None:
        return
    to = MessageSide.SERVICE if message.is_of_service else MessageSide.USAGER
    context = {
        "dossier": dossier,
        "file": file,
        "action_label": "Ouvrir la messagerie",
        "action_url": _url(messagerie_path(dossier, to=to)),
    }
    rendered = render_courriel("dossiers/mails/message_fichier_refuse", context)
    if dossier.is_test:
        rendered = _marked_as_test(rendered, context)
    key = f"fichier-de-message-refuse:{file.pk}"
    _enqueue(dossier, message.author, "message_fichier_refuse", rendered, key=key)


def announce_document_refused(file: DecisionFile) -> None:
    """Tell whoever decided that the antivirus refused the document of the decision."""
    dossier = Dossier.with_tests.select_related("usager", "procedure__organisme").get(
        pk=file.dossier_id
    )
    if file.uploaded_by is None:
        return
    context = {
        "dossier": dossier,
        "file": file,
        "action_label": "Ouvrir la messagerie",
        "action_url": _url(messagerie_path(dossier, to=MessageSide.SERVICE)),
    }
    rendered = render_courriel("dossiers/mails/document_decision_refuse", context)
    if dossier.is_test:
        rendered = _marked_as_test(rendered, context)
    key = f"document-de-decision-refuse:{file.pk}"
    _enqueue(dossier, file.uploaded_by, "document_decision_refuse", rendered, key=key)


def messagerie_path(dossier: Dossier, *, to: MessageSide) -> str:
    """Return where the people of a side read the thread."""
    if to == MessageSide.USAGER:
        return reverse("dossiers:message_list", args=[dossier.pk])
    name = "dialogue_detail" if dossier.is_brouillon else "message_list"
    return reverse(f"instruction:{name}", args=[dossier.pk])


def excerpt_of(body: str) -> str:
    """Return the beginning of a message, on one line; no address in it can be followed."""
    text = " ".join(without_links(body, "[lien]").split())
    if len(text) <= MESSAGE_EXCERPT_MAX:
        return text
    return text[:MESSAGE_EXCERPT_MAX].rsplit(" ", 1)[0].rstrip() + "…"


def _send(dossier: Dossier, side: MessageSide, event: str, context: dict[str, Any], *, key: str):
    rendered = render_courriel(f"dossiers/mails/{event}", context)
    if dossier.is_test:
        rendered = _marked_as_test(rendered, context)
    for user in recipients_of(dossier, side):
        _enqueue(dossier, user, event, rendered, key=f"{key}:{user.pk}")


def _enqueue(dossier: Dossier, user: User, event: str, rendered: Rendered, *, key: str) -> None:
    try:
        enqueue(
            to=user.email,
            kind=event,
            subject=rendered.subject,
            body_text=rendered.body_text,
            body_html=rendered.body_html,
            reference=courriel_reference(dossier.pk),
            key=key,
        )
    except ValidationError:
        logger.warning("Dossier %s : courriel impossible, adresse refusée", dossier.pk)


def _marked_as_test(rendered: Rendered, context: dict[str, Any]) -> Rendered:
    subject = f"{TEST_SUBJECT_PREFIX}{rendered.subject}"
    text = f"{TEST_COURRIEL_NOTICE}\n\n{rendered.body_text}"
    html = wrap_html(
        title=subject,
        content_html=linkify_text(text.strip()),
        action_url=context["action_url"],
        action_label=context["action_label"],
    )
    return Rendered(subject, text, html)


def _other_side(side: str) -> MessageSide:
    return MessageSide.USAGER if side == MessageSide.SERVICE else MessageSide.SERVICE


def _service(dossier: Dossier) -> str:
    return dossier.procedure.service_name or dossier.procedure.organisme.name


def _url(path: str) -> str:
    return f"{settings.SITE_URL}{path}"
