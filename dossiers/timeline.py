"""The way of a dossier through its four statuses, as its usager follows it."""

from dataclasses import dataclass
from datetime import datetime

from dossiers.enums import DossierState
from dossiers.models import DelaisConstates, Dossier


@dataclass(frozen=True)
class Step:
    """One status: when it was reached (None: not yet), and whether it is the present one."""

    label: str
    explanation: str
    at: datetime | None = None
    is_current: bool = False
    # How long it really takes on this procédure, empty when it is not known or already past.
    usual: str = ""

    @property
    def is_done(self) -> bool:
        """Tell whether the dossier has gone further."""
        return self.at is not None and not self.is_current


def steps_of(dossier: Dossier, delais: DelaisConstates | None = None) -> list[Step]:
    """Return the four statuses in order; a dossier sent back is en construction again.

    With the real delays of its procédure, what is to come says how long it usually takes.
    """
    state = dossier.state
    is_to_come = delais is not None and not dossier.is_termine
    in_instruction_or_after = state == DossierState.EN_INSTRUCTION or dossier.is_termine
    return [
        Step(
            "En brouillon",
            "Vous remplissez votre dossier ; le service ne le voit pas.",
            dossier.created_at,
            is_current=dossier.is_brouillon,
        ),
        Step(
            "En construction",
            "Votre dossier est déposé ; vous pouvez encore le modifier.",
            _last_arrival(dossier, DossierState.EN_CONSTRUCTION) or dossier.submitted_at,
            is_current=state == DossierState.EN_CONSTRUCTION,
        ),
        Step(
            "En instruction",
            "Le service examine votre dossier ; il ne change plus.",
            dossier.instruction_started_at if in_instruction_or_after else None,
            is_current=state == DossierState.EN_INSTRUCTION,
            usual=f"{delais.instruction}, après le dépôt"
            if is_to_come and not in_instruction_or_after
            else "",
        ),
        Step(
            f"Terminé : {dossier.get_state_display()}" if dossier.is_termine else "Terminé",
            "Le service a pris sa décision."
            if dossier.is_termine
            else "Le service vous écrit sa décision.",
            dossier.decided_at if dossier.is_termine else None,
            is_current=dossier.is_termine,
            usual=_usual_decision(dossier, delais) if is_to_come else "",
        ),
    ]


def _usual_decision(dossier: Dossier, delais: DelaisConstates) -> str:
    if dossier.state == DossierState.EN_INSTRUCTION:
        return f"{delais.examen}, après le passage en instruction"
    return f"{delais.decision}, après le dépôt"


def _last_arrival(dossier: Dossier, state: str) -> datetime | None:
    """Return when the history says that the dossier came to `state` for the last time."""
    arrivals = [
        entry.at
        for entry in dossier.history.all()
        if entry.to_state == state and entry.from_state != state
    ]
    return max(arrivals, default=None)
