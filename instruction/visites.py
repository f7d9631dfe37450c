"""When each accompagnateur last saw each part of a dossier."""

import datetime

from django.utils import timezone

from dossiers.models import Dossier
from instruction.models import Visite

DEMANDE, ANNOTATIONS, AVIS = "demande", "annotations", "avis"


def note(user, dossier: Dossier, part: str, *, at: datetime.datetime | None = None) -> None:
    """Note that `user` sees a part of a dossier: "demande", "annotations" or "avis"."""
    _save(Visite(user=user, dossier=dossier, **{f"{part}_at": at or timezone.now()}), f"{part}_at")


def visite_of(user, dossier: Dossier) -> Visite | None:
    """Return what `user` saw of a dossier, None when they never opened it."""
    return Visite.objects.filter(user=user, dossier=dossier).first()


def open_demande(user, dossier: Dossier, *, at: datetime.datetime) -> Visite | None:
    """Note that `user` opens the demande at a moment; return their visit before it, if any.

    Its `demande_before_at` is the visit from which the last change is told.
    """
    former = visite_of(user, dossier)
    opened = Visite(user=user, dossier=dossier, demande_at=at)
    if former is not None and former.demande_at is not None:
        if changed_since(dossier.demande_changed_at, former.demande_at):
            former.demande_before_at = former.demande_at
        opened.demande_before_at = former.demande_before_at
    _save(opened, "demande_at", "demande_before_at")
    return former


def note_own_annotation(user, dossier: Dossier) -> None:
    """Note that what `user` has just annotated is no news to them.

    `dossier` is as it was before: what a colleague wrote, and that they did not see, stays news.
    """
    former = visite_of(user, dossier)
    seen = former.annotations_at if former else None
    if dossier.annotations_changed_at is None or (
        seen is not None and not changed_since(dossier.annotations_changed_at, seen)
    ):
        note(user, dossier, ANNOTATIONS)


def changed_since(changed_at: datetime.datetime | None, seen_at: datetime.datetime) -> bool:
    """Tell whether something changed after it was seen."""
    return changed_at is not None and changed_at > seen_at


def _save(visite: Visite, *fields: str) -> None:
    Visite.objects.bulk_create(
        [visite],
        update_conflicts=True,
        unique_fields=["user", "dossier"],
        update_fields=list(fields),
    )
