"""The way in: what must leave is written in the transaction of what caused it."""

import re

from django.db import connection, transaction
from django.utils import timezone

from courriels.enums import CourrielState
from courriels.models import Courriel, CourrielQuerySet
from courriels.rendering import text_as_html
from courriels.tasks import send_courriel

DEFAULT_SUBJECT = "Message de TPS"
SUBJECT_MAX_LENGTH = 250
_CONTROL_CHARACTERS = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029]+")


def enqueue(
    *,
    to: str,
    kind: str,
    subject: str,
    body_text: str,
    body_html: str = "",
    reference: str = "",
    unsubscribe_url: str = "",
    key: str | None = None,
) -> Courriel:
    """Write an email in the current transaction; it leaves after commit, or never.

    With a `key` that was used before, return that first email and send nothing. `body_html` is a
    whole document (`rendering.wrap_html`); without it the text is laid out.
    `unsubscribe_url` takes a POST (RFC 8058). Raises RuntimeError
    outside a transaction and ValidationError when `to` is no address.
    """
    _require_transaction()
    now = timezone.now()
    subject = one_line(subject)
    body_text = body_text.replace("\x00", "")
    courriel = Courriel(
        to_email=to.strip(),
        kind=kind,
        subject=subject,
        body_text=body_text,
        body_html=body_html.replace("\x00", "") or text_as_html(subject, body_text),
        reference=reference,
        unsubscribe_url=unsubscribe_url,
        key=key,
        queued_at=now,
        next_attempt_at=now,
        created_at=now,
    )
    courriel.clean_fields()
    courriel, is_new = _get_or_save(courriel)
    if is_new:
        send_courriel.delay_on_commit(courriel.pk)
    return courriel


def resend(courriels: CourrielQuerySet) -> int:
    """Give back to the queue those of `courriels` that were given up; return how many."""
    now = timezone.now()
    with transaction.atomic():
        pks = list(
            courriels.en_echec()
            .select_for_update(skip_locked=True, of=("self",))
            .values_list("pk", flat=True)
        )
        Courriel.objects.filter(pk__in=pks).update(
            state=CourrielState.EN_ATTENTE, attempts=0, next_attempt_at=now, queued_at=now
        )
        for pk in pks:
            send_courriel.delay_on_commit(pk)
    return len(pks)


def withdraw(courriels: CourrielQuerySet) -> int:
    """Delete emails, so that those not sent yet never leave; return how many.

    One that is being sent at this moment can no longer be held back, and stays.
    """
    with transaction.atomic():
        pks = list(
            courriels.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)
        )
        Courriel.objects.filter(pk__in=pks).delete()
    return len(pks)


def one_line(subject: str) -> str:
    """Fold `subject` into one line that fits, so that it cannot add a header of its own."""
    folded = _CONTROL_CHARACTERS.sub(" ", subject).strip() or DEFAULT_SUBJECT
    if len(folded) > SUBJECT_MAX_LENGTH:
        folded = folded[: SUBJECT_MAX_LENGTH - 1].rstrip() + "…"
    return folded


def _require_transaction() -> None:
    if not connection.in_atomic_block:
        raise RuntimeError(
            "enqueue() s’appelle dans la transaction de ce qui cause le courriel : "
            "entourez les deux de transaction.atomic()."
        )


def _get_or_save(courriel: Courriel) -> tuple[Courriel, bool]:
    """Save `courriel` unless its key was used before; two writers at once get the same row."""
    if courriel.key is None:
        courriel.save()
        return courriel, True
    values = {
        field.attname: getattr(courriel, field.attname)
        for field in Courriel._meta.concrete_fields
        if field.name not in ("id", "key")
    }
    return Courriel.objects.get_or_create(key=courriel.key, defaults=values)
