"""What every page of a dossier says of its avis."""

from django import template

from dossiers.models import Dossier
from instruction.avis import counts_of

register = template.Library()


@register.simple_tag
def avis_counts(dossier: Dossier) -> dict[str, int]:
    """Return how many avis were asked, given, given for and against, and are waited for."""
    return counts_of(dossier)
