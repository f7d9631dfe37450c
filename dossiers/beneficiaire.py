"""Filling in for somebody else: what the person concerned is told, when an address was given.

The mandataire typed the address and nobody verified it: the email gives no access, quotes no
answer and no motivation.
"""

from dossiers.avis_usager import tell
from dossiers.models import Dossier, HistoryEntry


def tell_of(dossier: Dossier, entry: HistoryEntry) -> None:
    """Tell the bénéficiaire of a deposit or of a decision, in its transaction; not of a test."""
    if not dossier.beneficiaire_email or dossier.is_test:
        return
    tell(
        "beneficiaire_decision" if dossier.is_termine else "beneficiaire_depot",
        dossier,
        to=dossier.beneficiaire_email,
        key=f"historique:{entry.pk}:beneficiaire",
        service=dossier.procedure.service_name or dossier.procedure.organisme.name,
    )
