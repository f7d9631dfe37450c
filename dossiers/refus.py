"""What is written to an usager whose file the antivirus refused."""

import logging

from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse

from courriels.outbox import enqueue
from courriels.rendering import render_courriel
from dossiers.enums import TEST_COURRIEL_NOTICE, TEST_SUBJECT_PREFIX
from dossiers.models import Dossier, PieceJointe
from dossiers.workflow import courriel_reference

logger = logging.getLogger(__name__)
KIND = "piece_jointe_refusee"


def write_of_refused(piece_jointe: PieceJointe) -> None:
    """Write to the usager, in the transaction of the refusal, which file to replace."""
    joined = Dossier.with_tests.select_related("usager", "procedure__organisme", "revision")
    dossier = joined.get(pk=piece_jointe.dossier_id)
    path = reverse("dossiers:dossier_detail", args=[dossier.pk])
    if dossier.is_editable:
        path = reverse("dossiers:dossier_edit", args=[dossier.pk])
        path += f"#champ-{piece_jointe.champ_id}"
    champ = dossier.questionnaire.by_id.get(piece_jointe.champ_id)
    context = {
        "procedure": dossier.procedure,
        "dossier": dossier,
        "file_name": piece_jointe.name,
        "champ_label": champ.label if champ else "",
        "test_notice": TEST_COURRIEL_NOTICE if dossier.is_test else "",
        "action_url": settings.SITE_URL + path,
        "action_label": "Remplacer ce fichier" if dossier.is_editable else "Voir mon dossier",
    }
    rendered = render_courriel("dossiers/mails/piece_jointe_refusee", context)
    prefix = TEST_SUBJECT_PREFIX if dossier.is_test else ""
    try:
        enqueue(
            to=dossier.usager.email,
            kind=KIND,
            subject=f"{prefix}{rendered.subject}",
            body_text=rendered.body_text,
            body_html=rendered.body_html,
            reference=courriel_reference(dossier.pk),
            key=f"{KIND}:{piece_jointe.pk}",
        )
    except ValidationError:
        logger.warning("Dossier %s : refus non annoncé, adresse refusée", dossier.pk)
