"""The way out: one row, one attempt, under its lock."""

import logging
from datetime import datetime
from smtplib import SMTPRecipientsRefused

from anymail.exceptions import AnymailRecipientsRefused
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from courriels.enums import RETRY_DELAYS, SWEEP_BATCH_SIZE, CourrielState
from courriels.models import Courriel
from courriels.rendering import with_footer

logger = logging.getLogger(__name__)

LAST_ERROR_MAX_LENGTH = 2000
_RESULT_FIELDS = ["state", "attempts", "next_attempt_at", "queued_at", "sent_at", "last_error"]


class NotAccepted(Exception):
    """The backend returned without an error and without taking the message."""


def deliver(pk: int) -> bool:
    """Attempt to send one email; return whether it left.

    The row stays locked from the decision to its result: a second sender, at the same time or
    later, finds nothing to do. If the process dies the lock goes with it and the row is still
    `en_attente`; what the provider may have taken by then is sent again under the same Message-ID.
    """
    now = timezone.now()
    with transaction.atomic():
        courriel = (
            Courriel.objects.en_attente()
            # The first attempt never waits: the clock of the worker may be behind the writer's.
            .filter(Q(attempts=0) | Q(next_attempt_at__lte=now), pk=pk)
            .select_for_update(skip_locked=True, of=("self",))
            .first()
        )
        if courriel is None:
            return False
        courriel.attempts += 1
        courriel.queued_at = None
        try:
            _send(courriel)
        except Exception as error:  # whatever the provider's library raises, the row must say it
            _record_failure(courriel, error, now)
        else:
            courriel.state = CourrielState.ENVOYE
            courriel.sent_at = timezone.now()
            courriel.last_error = ""
        courriel.save(update_fields=_RESULT_FIELDS)
    return courriel.is_envoye


def take_left_behind() -> list[int]:
    """Return the keys of some emails to queue again, marked as queued.

    They are those of a lost Redis or a killed worker, and those whose new attempt is due; rows
    that are being sent are skipped.
    """
    now = timezone.now()
    with transaction.atomic():
        pks = list(
            Courriel.objects.left_behind(now)
            .select_for_update(skip_locked=True, of=("self",))
            .order_by("next_attempt_at")
            .values_list("pk", flat=True)[:SWEEP_BATCH_SIZE]
        )
        Courriel.objects.filter(pk__in=pks).update(queued_at=now)
    return pks


def build_message(courriel: Courriel) -> EmailMultiAlternatives:
    """Return the message of `courriel`, the same each time."""
    message = EmailMultiAlternatives(
        subject=courriel.subject,
        body=with_footer(courriel.body_text),
        to=[courriel.to_email],
        headers={
            "Message-ID": courriel.message_id,
            "Auto-Submitted": "auto-generated",  # RFC 3834: no out-of-office answer
            **_unsubscribe_headers(courriel),
        },
    )
    if courriel.body_html:
        message.attach_alternative(courriel.body_html, "text/html")
    return message


def _unsubscribe_headers(courriel: Courriel) -> dict[str, str]:
    """Return what lets a mail program unsubscribe its reader (RFC 2369, RFC 8058)."""
    if not courriel.unsubscribe_url:
        return {}
    return {
        "List-Unsubscribe": f"<{courriel.unsubscribe_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _send(courriel: Courriel) -> None:
    with transaction.atomic():  # a backend that writes in the database may fail in it too
        if build_message(courriel).send() != 1:
            raise NotAccepted("Le service d’envoi n’a pas pris le message.")


def _record_failure(courriel: Courriel, error: Exception, now: datetime) -> None:
    """Set the next attempt, or give up."""
    courriel.last_error = f"{type(error).__name__} : {error}"[:LAST_ERROR_MAX_LENGTH]
    if is_permanent(error) or courriel.attempts > len(RETRY_DELAYS):
        courriel.state = CourrielState.ECHEC
    else:
        courriel.next_attempt_at = now + RETRY_DELAYS[courriel.attempts - 1]
    logger.warning(
        "Courriel %s non parti (tentative %s) : %s",
        courriel.pk,
        courriel.attempts,
        type(error).__name__,
    )


def is_permanent(error: Exception) -> bool:
    """Say whether the recipient was refused for good (SMTP 5xx, or the provider's own word)."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= 500 for code, _reason in error.recipients.values())
    return isinstance(error, AnymailRecipientsRefused)
