"""When each accompagnateur last saw each part of a dossier."""

import datetime

from django.utils import timezone

from dossiers.models import Dossier
from instruction.models import Visite

DEMANDE, ANNOTATIONS, AVIS = "demande", "annotations", "avis"


def note(user, dossier: Dossier, part: str, *, at: datetime.datetime | None = None) -> None:
    """Note that `user` sees a part of a dossier: "demande", "annotations" or "avis"."""
    Visite.objects.update_or_create(
        user=user, dossier=dossier, defaults={f"{part}_at": at or timezone.now()}
    )


def visite_of(user, dossier: Dossier) -> Visite | None:
    """Return what `user` saw of a dossier, None when they never opened it."""
    return Visite.objects.filter(user=user, dossier=dossier).first()
