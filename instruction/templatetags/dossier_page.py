"""What the pages of a dossier ask of their templates."""

import datetime

from django import template
from django.utils import timezone

from dossiers.versions import Change
from instruction.changements import Changements

register = template.Library()


@register.simple_tag(takes_context=True)
def change_at(context, champ_id: str) -> Change | None:
    """Return what changed at a champ since a visit, None where nothing did or nothing is marked."""
    changements: Changements | None = context.get("changements")
    return changements.by_champ.get(champ_id) if changements else None


@register.filter
def age(at: datetime.datetime) -> str:
    """Say how many days ago it was, in Paris: `aujourd’hui`, `hier`, `il y a 13 jours`."""
    days = (timezone.localdate() - timezone.localdate(at)).days
    if days <= 0:
        return "aujourd’hui"
    return "hier" if days == 1 else f"il y a {days} jours"
