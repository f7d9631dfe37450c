"""What the pages of a dossier show in several places."""

from django import template

from dossiers import contact
from dossiers.countdown import countdown_of
from dossiers.enums import HistoryAction

register = template.Library()


@register.inclusion_tag("dossiers/includes/countdown.html")
def countdown(procedure) -> dict:
    """Say how long is left to submit, where the procédure is open and has a closing date."""
    return {"countdown": countdown_of(procedure)}


@register.simple_tag
def contact_of(dossier) -> contact.Contact:
    """Return how the usager reaches who handles a dossier."""
    return contact.contact_of(dossier)


@register.simple_tag
def named_groupe(dossier) -> str:
    """Return the name of the groupe of a dossier, an empty text where nobody gave it one."""
    return contact.named_groupe(dossier)


@register.simple_tag
def reopening_of(dossier):
    """Return the last entry of the history by which the service took a decision back, or None."""
    return dossier.history.filter(action=HistoryAction.REOPEN).last()
