"""What changed in a demande since a person last opened it."""

import datetime
from dataclasses import dataclass
from functools import cached_property

from dossiers.models import Dossier
from dossiers.versions import DEMANDEUR, Change, changes_between, show_version
from instruction.models import Visite
from instruction.visites import changed_since


@dataclass(frozen=True)
class Changements:
    """The answers that changed since a visit, with what they were."""

    since: datetime.datetime
    changes: list[Change]

    @cached_property
    def by_champ(self) -> dict[str, Change]:
        """Return the changes of the champs that are still in the form, by their id."""
        return {
            change.anchor.removeprefix("champ-"): change for change in self.changes if change.anchor
        }

    @property
    def count_label(self) -> str:
        """Say how many answers changed."""
        count = len(self.changes)
        return "1 réponse a changé" if count == 1 else f"{count} réponses ont changé"


def baseline_of(
    visite: Visite | None, dossier: Dossier, *, again: bool
) -> datetime.datetime | None:
    """Return the visit from which the changes are to be shown now, None for no mark.

    `visite` is what was seen before this page; `again` asks for the marks already shown once.
    """
    if visite is None or visite.demande_at is None:
        return None
    if changed_since(dossier.demande_changed_at, visite.demande_at):
        return visite.demande_at
    return recall_of(visite, dossier) if again else None


def recall_of(visite: Visite | None, dossier: Dossier) -> datetime.datetime | None:
    """Return the visit since which what changed may be shown again, None when nothing did."""
    before = visite.demande_before_at if visite else None
    is_known = before is not None and changed_since(dossier.demande_changed_at, before)
    return before if is_known else None


def changes_since(dossier: Dossier, since: datetime.datetime | None) -> Changements | None:
    """Return what differs from the version that stood at `since`, None when nothing does.

    Costs two queries where something was deposited since.
    """
    if since is None or not changed_since(dossier.demande_changed_at, since):
        return None
    versions = dossier.versions.filter(deposited_at__lte=since)
    version = (
        versions.select_related("revision", "etablissement")
        .prefetch_related("pieces_jointes")
        .order_by("-number")
        .first()
    )
    if version is None:
        return None
    changes = changes_between(show_version(dossier, version), dossier)
    return Changements(since, changes) if changes else None


def demandeur_change_of(changements: Changements | None) -> Change | None:
    """Return how who applies changed, None where it did not."""
    changes = changements.changes if changements else []
    return next((it for it in changes if it.label == DEMANDEUR and not it.anchor), None)
