"""Since when the service waits for the usager: for a correction, or for an answer."""

from django.db.models import Min

from dossiers.enums import STATES_EN_COURS
from dossiers.models import Dossier, FilMessagerie


def refresh_awaited(dossier: Dossier) -> None:
    """Note on a locked dossier since when its usager is waited for, None when they are not."""
    since = None
    if dossier.state in STATES_EN_COURS and not dossier.is_archived:
        asked = dossier.corrections.pending().aggregate(since=Min("asked_at"))["since"]
        fil = FilMessagerie.objects.filter(dossier=dossier).only("answer_asked_at").first()
        moments = [moment for moment in (asked, fil and fil.answer_asked_at) if moment]
        since = min(moments, default=None)
    if dossier.awaited_since != since:
        dossier.awaited_since = since
        dossier.save(update_fields=["awaited_since"])
