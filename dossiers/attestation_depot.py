"""The attestation de dépôt: what was filed, by whom, when, and what became of it since."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from commun.pdf import render_pdf
from dossiers.enums import HistoryAction
from dossiers.models import Dossier, HistoryEntry, PieceJointe
from dossiers.recapitulatif import demandeur_rows
from procedures.champs import base_id
from procedures.logos import data_uri

# What happens inside the service is not the usager's to attest.
_SHOWN = (
    HistoryAction.SUBMIT,
    HistoryAction.DEPOSIT_CHANGES,
    HistoryAction.START_INSTRUCTION,
    HistoryAction.RETURN_TO_CONSTRUCTION,
    HistoryAction.ACCEPT,
    HistoryAction.CLOSE_SANS_SUITE,
    HistoryAction.REJECT,
    HistoryAction.REOPEN,
    HistoryAction.WITHDRAW,
    HistoryAction.RESTORE,
    HistoryAction.TRANSFER,
)


@dataclass(frozen=True)
class Etape:
    """One step of a dossier: what happened, when, and its state from then on."""

    label: str
    state: str
    at: datetime


@dataclass(frozen=True)
class Fichier:
    """A file that was filed, and the numbers of the deposits it was part of."""

    file: PieceJointe
    depots: list[int]


def make_attestation_depot(dossier: Dossier) -> bytes:
    """Return the PDF that attests the deposit of a dossier fetched `with_detail()`.

    It is for its usager: it shows nothing of a company that asked not to be published.
    """
    labels = {champ.id: champ.label for champ in dossier.revision.formulaire.champs}
    context = {
        "dossier": dossier,
        "procedure": dossier.procedure,
        "demandeur_name": dossier.demandeur_public_name,
        "demandeur_rows": demandeur_rows(dossier, is_public=True),
        "etapes": etapes_of(dossier),
        "files": [
            (fichier, labels.get(base_id(fichier.file.champ_id), ""))
            for fichier in fichiers_of(dossier)
        ],
        "edited_at": timezone.now(),
        "logo": data_uri(dossier.procedure),
    }
    return render_pdf("dossiers/pdf/attestation_depot.html", context)


def fichiers_of(dossier: Dossier) -> list[Fichier]:
    """Return every file that was filed, one that was taken out since too, with its deposits."""
    files = {file.pk: file for file in dossier.pieces_jointes.all() if file.is_filed}
    depots = defaultdict(list)
    for version in dossier.versions.prefetch_related("pieces_jointes").order_by("number"):
        for file in version.pieces_jointes.all():
            files.setdefault(file.pk, file)
            depots[file.pk].append(version.number)
    return [Fichier(files[pk], depots[pk]) for pk in sorted(files)]


def etapes_of(dossier: Dossier) -> list[Etape]:
    """Return the steps of a dossier in order, from its deposit on."""
    return [_etape(entry) for entry in dossier.history.all() if entry.action in _SHOWN]


def attestation_depot_filename(dossier: Dossier) -> str:
    """Return the name under which the PDF is saved."""
    return f"{'test-' if dossier.is_test else ''}attestation-depot-{dossier.pk}.pdf"


def _etape(entry: HistoryEntry) -> Etape:
    return Etape(entry.get_action_display(), entry.get_to_state_display(), entry.at)
