"""The emails to an usager beside the five of the procédure: short, and safe to forward.

A link opens nothing by itself: whoever follows it signs in, with an account that may.
"""

import logging

from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse

from courriels.outbox import enqueue
from courriels.rendering import render_courriel
from dossiers.contact import contact_of
from dossiers.models import Dossier
from procedures.logos import logo_of_courriels

logger = logging.getLogger(__name__)


def tell(
    kind: str,
    dossier: Dossier,
    *,
    to: str,
    path: str = "",
    label: str = "",
    key: str | None = None,
    reference: str = "",
    **context,
) -> None:
    """Write `dossiers/mails/<kind>` to an address, in the transaction of its cause.

    `path` and `label` are those of its one button. Without a `reference` it is among the emails
    of the dossier, which the service reads. An address that no mail server would take holds
    nothing back.
    """
    context |= {
        "dossier": dossier,
        "procedure": dossier.procedure,
        "contact": contact_of(dossier),
        "action_url": f"{settings.SITE_URL}{path}" if path else "",
        "action_label": label,
        "logo": logo_of_courriels(dossier.procedure),
    }
    rendered = render_courriel(f"dossiers/mails/{kind}", context)
    try:
        enqueue(
            to=to,
            kind=kind,
            subject=rendered.subject,
            body_text=rendered.body_text,
            body_html=rendered.body_html,
            reference=reference or courriel_reference(dossier.pk),
            key=key,
        )
    except ValidationError:
        logger.warning("Dossier %s : message « %s » impossible, adresse refusée", dossier.pk, kind)


def courriel_reference(dossier_id: int) -> str:
    """Return the reference under which the outbox keeps the emails of a dossier."""
    return f"dossier:{dossier_id}"


def corbeille_path() -> str:
    """Return where an usager takes back what they deleted."""
    return reverse("dossiers:corbeille_list")
