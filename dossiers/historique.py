"""Writing the history of a dossier."""

from dossiers.enums import HistoryAction
from dossiers.models import Dossier, HistoryEntry


def record(
    action: HistoryAction,
    dossier: Dossier,
    *,
    by,
    from_state: str = "",
    text: str = "",
    person: str = "",
) -> HistoryEntry:
    """Note what happened; `by` is None when TPS acted by itself, at a planned date."""
    return HistoryEntry.objects.create(
        dossier=dossier,
        action=action,
        from_state=from_state or dossier.state,
        to_state=dossier.state,
        by=by,
        by_name=str(by) if by else "",
        person=person,
        motivation=text,
    )


def record_about(action: HistoryAction, dossier: Dossier, person: str, *, by) -> HistoryEntry:
    """Note what changes no state, and whom or what it is about."""
    return HistoryEntry.objects.create(
        dossier=dossier,
        action=action,
        from_state=dossier.state,
        to_state=dossier.state,
        by=by,
        by_name=str(by) if by else "",
        person=person,
    )
