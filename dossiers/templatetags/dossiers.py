"""What the pages of a dossier show in several places."""

from django import template

from dossiers.countdown import countdown_of

register = template.Library()


@register.inclusion_tag("dossiers/includes/countdown.html")
def countdown(procedure) -> dict:
    """Say how long is left to submit, where the procédure is open and has a closing date."""
    return {"countdown": countdown_of(procedure)}
