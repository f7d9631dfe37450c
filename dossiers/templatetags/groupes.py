"""The groupe of a dossier, where its procédure has several."""

from django import template

from dossiers import policies
from dossiers.models import Dossier
from procedures.models import Groupe

register = template.Library()


@register.inclusion_tag("instruction/includes/dossier_groupe.html")
def dossier_groupe(dossier: Dossier, user, query: str = "") -> dict:
    """Show whose dossier it is, and lead to another groupe; nothing where there is one."""
    others = Groupe.objects.filter(procedure_id=dossier.procedure_id, is_default=False)
    is_shown = not dossier.is_test and others.exists()
    return {
        "dossier": dossier,
        "query": query,
        "is_shown": is_shown,
        "may_change": is_shown and policies.can_change_groupe(user, dossier),
    }
