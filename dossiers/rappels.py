"""The reminder to the owners of brouillons, three days before the closing date."""

import logging

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from courriels.outbox import enqueue
from courriels.rendering import render_courriel
from dossiers.enums import RAPPEL_BEFORE, DossierState
from dossiers.models import Dossier, RappelCloture
from dossiers.workflow import courriel_reference
from procedures.dates import moment
from procedures.enums import ProcedureState
from procedures.logos import logo_of_courriels
from procedures.models import Procedure

logger = logging.getLogger(__name__)

KIND = "rappel_cloture"
BATCH_SIZE = 200


def remind_due() -> None:
    """Write the reminders whose time has come; safe to run twice, or two at once."""
    now = timezone.now()
    closing = Procedure.objects.filter(
        state=ProcedureState.PUBLIEE, closes_at__gt=now, closes_at__lte=now + RAPPEL_BEFORE
    )
    done = set(
        RappelCloture.objects.filter(procedure__in=closing, finished_at__isnull=False).values_list(
            "procedure_id", "closes_at"
        )
    )
    for procedure in closing.select_related("organisme").order_by("closes_at", "pk"):
        if (procedure.pk, procedure.closes_at) not in done:
            _remind(procedure)


def _remind(procedure: Procedure) -> None:
    rappel, _ = RappelCloture.objects.get_or_create(
        procedure=procedure, closes_at=procedure.closes_at
    )
    while _remind_batch(procedure, rappel.pk):
        pass


def _remind_batch(procedure: Procedure, rappel_id: int) -> bool:
    """Write the emails of some brouillons and note how far it went; False when none is left.

    A brouillon begun later than the reminder is due knew the date from its first page.
    """
    with transaction.atomic():
        rappel = (
            RappelCloture.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(pk=rappel_id, finished_at=None)
            .first()
        )
        if rappel is None:
            return False
        brouillons = list(
            Dossier.objects.for_procedure(procedure)
            .filter(
                state=DossierState.BROUILLON,
                pk__gt=rappel.last_dossier_id,
                created_at__lt=procedure.closes_at - RAPPEL_BEFORE,
            )
            .select_related("usager")
            .without_answers()
            .order_by("pk")[:BATCH_SIZE]
        )
        for dossier in brouillons:
            _enqueue(procedure, dossier)
        if brouillons:
            rappel.last_dossier_id = brouillons[-1].pk
        else:
            rappel.finished_at = timezone.now()
        rappel.save(update_fields=["last_dossier_id", "finished_at"])
    return bool(brouillons)


def _enqueue(procedure: Procedure, dossier: Dossier) -> None:
    url = f"{settings.SITE_URL}{reverse('dossiers:dossier_edit', args=[dossier.pk])}"
    context = {
        "procedure": procedure,
        "dossier": dossier,
        "closes_at": moment(procedure.closes_at),
        "action_url": url,
        "action_label": "Reprendre mon brouillon",
        "logo": logo_of_courriels(procedure),
    }
    rendered = render_courriel("dossiers/mails/rappel_cloture", context)
    # The day, so that a closing moved by an hour does not remind twice.
    day = timezone.localtime(procedure.closes_at).date().isoformat()
    try:
        enqueue(
            to=dossier.usager.email,
            kind=KIND,
            subject=rendered.subject,
            body_text=rendered.body_text,
            body_html=rendered.body_html,
            reference=courriel_reference(dossier.pk),
            key=f"{KIND}:{dossier.pk}:{day}",
        )
    except ValidationError:
        logger.warning("Dossier %s : rappel impossible, adresse refusée", dossier.pk)
