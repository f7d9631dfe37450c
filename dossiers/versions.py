"""The versions of a dossier: each as it was filed, and what it changed."""

from copy import copy
from dataclasses import dataclass, field
from itertools import pairwise

from django.shortcuts import get_object_or_404

from dossiers.auteurs import Auteur, auteur_of
from dossiers.copie import FIELDS
from dossiers.demande import files_by_champ
from dossiers.models import Dossier, PieceJointe, Version
from dossiers.models.contexte import ContexteDuDossier
from procedures.models import Revision

DEMANDEUR = "Demandeur"
DEPOTS_PER_PAGE = 20
DIGITS_MAX = 9


@dataclass(frozen=True)
class Change:
    """One answer that a deposit changed; texts are as displayed, empty for no answer."""

    label: str
    before: str
    after: str
    added: list[PieceJointe] = field(default_factory=list)
    removed: list[PieceJointe] = field(default_factory=list)
    auteur: Auteur | None = None
    # Where it stands in the form, empty for who applies and for what left the form.
    anchor: str = ""


@dataclass(frozen=True)
class Depot:
    """A version, and what it changed since the one before: nothing for the first."""

    version: Version
    changes: list[Change]

    @property
    def is_first(self) -> bool:
        """Tell whether it is the dossier as it was submitted."""
        return self.version.number == 1


def depots_of(dossier: Dossier, *, before: int | None = None) -> tuple[list[Depot], int | None]:
    """Return a page of the deposits of a dossier, the newest first, with what each changed.

    `before` is the number that the page ends before; the second value is that of the next page,
    None on the last one.
    """
    rows = dossier.versions.select_related("etablissement", "by").prefetch_related("pieces_jointes")
    if before is not None:
        rows = rows.filter(number__lt=before)
    versions = list(rows.order_by("-number")[: DEPOTS_PER_PAGE + 1])
    revisions = Revision.objects.in_bulk({version.revision_id for version in versions})
    for version in versions:
        version.revision = revisions[version.revision_id]
    shown = [show_version(dossier, version) for version in versions]
    found = [
        Depot(version, changes_between(former, present))
        for version, (present, former) in zip(versions, pairwise(shown), strict=False)
    ]
    if len(versions) > DEPOTS_PER_PAGE:
        return found, found[-1].version.number
    if versions:
        found.append(Depot(versions[-1], []))
    return found, None


def read_number(text: str | None) -> int | None:
    """Return the number of a version that `text` gives, None when it gives none."""
    is_number = text is not None and text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX
    return int(text) if is_number else None


def version_or_404(dossier: Dossier, number: int) -> Version:
    """Return one version of a dossier. Raises Http404."""
    versions = dossier.versions.select_related("revision", "etablissement", "by")
    return get_object_or_404(versions.prefetch_related("pieces_jointes"), number=number)


def show_version(dossier: Dossier, version: Version) -> Dossier:
    """Return the dossier as it was filed then: only to be read, it cannot be saved."""
    shown = copy(dossier)
    shown.__dict__.pop("contexte", None)
    shown.revision = version.revision
    for name in FIELDS:
        if name != "saisies_refusees":
            setattr(shown, name, getattr(version, name))
    shown.saisies_refusees = {}
    shown.is_working_copy = False
    shown.shown_files = list(version.pieces_jointes.all())
    shown.contexte = ContexteDuDossier(shown)
    return shown


def changes_between(before: Dossier, after: Dossier) -> list[Change]:
    """Return what differs between two states of one dossier, in the order of the newer form."""
    changes = []
    if _demandeur(before) != _demandeur(after):
        changes.append(Change(DEMANDEUR, _demandeur(before), _demandeur(after)))
    former, present = _State(before), _State(after)
    for champ_id in [*present.champs, *(key for key in former.champs if key not in present.champs)]:
        change = _change(champ_id, former, present)
        if change is not None:
            changes.append(change)
    return changes


def changes_to_file(working: Dossier) -> list[Change]:
    """Return what a working copy changes of what was filed; costs a query."""
    filed = (
        Dossier.with_tests.select_related("usager", "etablissement", "procedure", "revision")
        .prefetch_related("pieces_jointes")
        .get(pk=working.pk)
    )
    return changes_between(filed, working)


class _State:
    """One state of a dossier: the champs it shows, with what each is called and holds."""

    def __init__(self, dossier: Dossier):
        self.dossier = dossier
        questionnaire = dossier.questionnaire
        self.champs = {champ.id: champ for champ in questionnaire.visible}
        self.labels = {champ.id: champ.label for champ in questionnaire.visible}
        for rows in questionnaire.rows.values():
            for row in rows:
                self.labels |= {inner.id: f"{row.label} · {inner.label}" for inner in row.champs}
        self._files = files_by_champ(dossier)

    def files(self, champ_id: str) -> dict[int, PieceJointe]:
        """Return the files shown at a champ, by their ids."""
        if champ_id not in self.champs:
            return {}
        return {file.pk: file for file in self._files.get(champ_id, [])}

    def text(self, champ_id: str) -> str:
        """Return an answer as its own form displayed it; a bloc says how many rows it has."""
        champ = self.champs.get(champ_id)
        if champ is None:
            return ""
        stored = self.dossier.reponses.get(champ_id)
        if champ.is_bloc:
            count = len(champ.row_ids(stored))
            return f"{count} ligne{'s' if count > 1 else ''}" if count else ""
        if not champ.holds_answer:
            return ""
        refused = self.dossier.saisies_refusees.get(champ_id)
        if refused is not None:
            return ", ".join(refused) if isinstance(refused, list) else refused
        return champ.display(stored)


def _change(champ_id: str, former: _State, present: _State) -> Change | None:
    """Return what changed at one champ, None where nothing did."""
    had, has = former.files(champ_id), present.files(champ_id)
    added = [file for pk, file in has.items() if pk not in had]
    removed = [file for pk, file in had.items() if pk not in has]
    before, after = former.text(champ_id), present.text(champ_id)
    if before == after and not added and not removed:
        return None
    return Change(
        label=present.labels.get(champ_id) or former.labels[champ_id],
        before=before,
        after=after,
        added=added,
        removed=removed,
        auteur=auteur_of(present.dossier, champ_id),
        anchor=f"champ-{champ_id}" if champ_id in present.champs else "",
    )


def _demandeur(dossier: Dossier) -> str:
    if dossier.etablissement is not None:
        return f"{dossier.etablissement.public_name} ({dossier.etablissement.siret})"
    personne = f"{dossier.get_civilite_display()} {dossier.personne_name}".strip()
    if not dossier.mandataire_name:
        return personne
    address = f", {dossier.beneficiaire_email}" if dossier.beneficiaire_email else ""
    return f"{personne}{address}, par {dossier.mandataire_name}, mandataire"
