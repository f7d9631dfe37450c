"""The email that leaves at once for a new dossier, to those who asked for it."""

import logging

from django.conf import settings
from django.core.exceptions import ValidationError
from django.dispatch import receiver
from django.urls import reverse

from courriels.outbox import enqueue
from courriels.rendering import render_courriel
from dossiers import workflow
from dossiers.models import Dossier
from dossiers.preferences import members_who_want
from dossiers.signals import dossier_transitioned

logger = logging.getLogger(__name__)

KIND = "nouveau_dossier"


@receiver(dossier_transitioned)
def announce_new_dossier(sender, dossier: Dossier, action, **kwargs) -> None:
    """Write, in the transaction of the deposit, to the members of the groupe who want it."""
    if action is not workflow.SUBMIT or dossier.is_test:
        return
    rendered = None
    for user in members_who_want(dossier, "new_dossier"):
        rendered = rendered or render_courriel(
            "instruction/mails/nouveau_dossier",
            {
                "dossier": dossier,
                "action_url": _absolute(reverse("instruction:dossier_detail", args=[dossier.pk])),
                "action_label": "Voir le dossier",
                "preferences_url": _absolute(reverse("instruction:preference_list")),
            },
        )
        try:
            enqueue(
                to=user.email,
                kind=KIND,
                subject=rendered.subject,
                body_text=rendered.body_text,
                body_html=rendered.body_html,
                key=f"{KIND}:{dossier.pk}:{user.pk}",
            )
        except ValidationError:
            logger.warning("Dossier %s : courriel impossible, adresse refusée", dossier.pk)


def _absolute(path: str) -> str:
    return f"{settings.SITE_URL}{path}"
