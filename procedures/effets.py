"""What publishing a changed form does to the dossiers, which the app above knows."""

from collections.abc import Callable
from dataclasses import dataclass

from procedures.diff import Change, ChangeKind, IneligibiliteChange
from procedures.models import Procedure


@dataclass(frozen=True)
class Effets:
    """How many dossiers a publication touches, and where those left behind are moved."""

    brouillons: int = 0
    en_construction: int = 0
    # Dossiers en construction whose form is older than the published one.
    to_update: int = 0
    update_url: str = ""


_EFFECT_OF_RULE = (
    "Les brouillons qu’elle concerne ne pourront pas être soumis ; les dossiers en construction "
    "qu’elle concerne gardent leur formulaire."
)
_EFFECTS_OF_RULE = {
    ChangeKind.ADDED: _EFFECT_OF_RULE,
    ChangeKind.CHANGED: _EFFECT_OF_RULE,
    ChangeKind.REMOVED: "Elle n’empêche plus de soumettre un brouillon.",
}

_counters: list[Callable[[Procedure], Effets]] = []


def register_counter(counter: Callable[[Procedure], Effets]) -> None:
    """Let the app of the dossiers say what a publication does to them."""
    _counters.append(counter)


def effets_of(procedure: Procedure) -> Effets:
    """Return what publishing would touch; nothing where no app has dossiers."""
    return _counters[-1](procedure) if _counters else Effets()


def effect_in_words(change: Change) -> str:
    """Say what one change does to the brouillons and to the dossiers en construction."""
    if isinstance(change, IneligibiliteChange):
        return _EFFECTS_OF_RULE[change.kind]
    if change.is_private:
        return "Rien ne change pour les usagers."
    champ = change.champ
    if change.kind == ChangeKind.REMOVED:
        if champ.holds_answer or champ.holds_files:
            return "Ce qui y a déjà été répondu reste gardé, et lisible dans les dossiers déposés."
        return ""
    if change.becomes_required:
        return (
            "Les brouillons devront y répondre ; les dossiers en construction qui n’y répondent "
            "pas gardent leur formulaire."
        )
    if change.kind == ChangeKind.CHANGED and (champ.holds_answer or champ.holds_files):
        return "Les réponses données sont gardées ; celles qui ne conviennent plus sont à revoir."
    return ""
