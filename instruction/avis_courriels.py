"""The emails about an avis, each in the transaction of its cause."""

import logging

from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse

from courriels.outbox import enqueue
from courriels.rendering import render_courriel
from dossiers import invitations
from dossiers.destinataires import recipients_of_avis
from dossiers.enums import INVITATION_LIFETIME_DAYS
from dossiers.models import Dossier
from dossiers.workflow import courriel_reference
from instruction.models import Avis, AvisFile

logger = logging.getLogger(__name__)


def announce_asked(avis: Avis, file_names: list[str]) -> None:
    """Write to who is asked; to a stranger, the same email is the invitation."""
    must_accept = avis.invite is not None and not avis.invite.accepted_at
    _to_expert(
        avis,
        "avis_demande",
        key=f"avis-demande:{avis.pk}",
        label="Voir l’invitation" if must_accept else "Rendre mon avis",
        must_accept=must_accept,
        file_names=file_names,
        lifetime_days=INVITATION_LIFETIME_DAYS,
    )


def announce_reminder(avis: Avis) -> None:
    """Remind who was asked."""
    _to_expert(
        avis,
        "avis_rappel",
        key=f"avis-rappel:{avis.pk}:{avis.reminded_at.isoformat()}",
        label="Rendre mon avis",
    )


def announce_revoked(avis: Avis) -> None:
    """Say that nothing is asked any more."""
    _to_expert(avis, "avis_revoque", key=f"avis-revoque:{avis.pk}", label="")


def announce_answered(avis: Avis, *, is_change: bool) -> None:
    """Tell the service what the answer is."""
    at = avis.changed_at or avis.answered_at
    key = f"avis-rendu:{avis.pk}:{at.isoformat()}"
    _to_service(avis, "avis_rendu", key=key, is_change=is_change)


def announce_handed_over(avis: Avis, *, by) -> None:
    """Tell the service who answers instead of `by`."""
    _to_service(avis, "avis_transmis", key=f"avis-transmis:{avis.pk}", former=str(by))


def announce_refused(file: AvisFile) -> None:
    """Tell whoever sent a file that the antivirus refused it."""
    avis = file.avis.select_related("dossier__procedure__organisme", "invite").first()
    if avis is None or file.uploaded_by is None:
        return
    is_own = avis.invite is not None and avis.invite.user_id == file.uploaded_by_id
    path = avis.page_path if is_own else _service_path(avis.dossier)
    context = {"file": file, "action_url": _url(path), "action_label": "Voir l’avis"}
    _send(avis, file.uploaded_by.email, "avis_fichier_refuse", context, f"avis-fichier:{file.pk}")


def _to_expert(avis: Avis, event: str, *, key: str, label: str, **context) -> None:
    path = avis.page_path
    if avis.invite is not None and not avis.invite.accepted_at:
        path = avis.invite.get_absolute_url()
    context |= {"action_url": _url(path) if label else "", "action_label": label}
    _send(avis, avis.user.email if avis.user else avis.email, event, context, key)


def _to_service(avis: Avis, event: str, *, key: str, **context) -> None:
    context |= {"action_url": _url(_service_path(avis.dossier)), "action_label": "Voir les avis"}
    for user in recipients_of_avis(avis.dossier, avis.asked_by):
        _send(avis, user.email, event, context, f"{key}:{user.pk}", is_of_service=True)


def _send(
    avis: Avis, to: str, event: str, context: dict, key: str, *, is_of_service: bool = False
) -> None:
    dossier = avis.dossier
    everyone = {"avis": avis, "dossier": dossier, "organisme": dossier.procedure.organisme}
    rendered = render_courriel(f"instruction/mails/{event}", everyone | context)
    reference = courriel_reference(dossier.pk)
    if avis.invite_id and not is_of_service:
        reference = invitations.courriel_reference(avis.invite_id)
    try:
        enqueue(
            to=to,
            kind=event,
            subject=rendered.subject,
            body_text=rendered.body_text,
            body_html=rendered.body_html,
            reference=reference,
            key=key,
        )
    except ValidationError:
        logger.warning("Dossier %s : courriel d’avis impossible, adresse refusée", dossier.pk)


def _service_path(dossier: Dossier) -> str:
    return reverse("instruction:avis_list", args=[dossier.pk])


def _url(path: str) -> str:
    return f"{settings.SITE_URL}{path}"
