"""What every page of a dossier says of its messagerie and of what is to be corrected."""

from dataclasses import dataclass

from django import template

from dossiers import messagerie
from dossiers.enums import MessageSide
from dossiers.models import Dossier

register = template.Library()


@dataclass(frozen=True)
class Tab:
    """The tab of the messagerie on the usager's side."""

    is_shown: bool
    unread: int


@register.simple_tag
def messagerie_tab(dossier: Dossier, user) -> Tab:
    """Return whether the tab is shown, on a brouillon where there is a dialogue, and its count."""
    unread = messagerie.unread_count(dossier, by=user, side=MessageSide.USAGER)
    is_open = not dossier.is_brouillon or dossier.procedure.dialogue_prealable
    return Tab(bool(is_open or unread or messagerie.has_thread(dossier)), unread)


@register.simple_tag
def unread_by_service(dossier: Dossier, user) -> int:
    """Return how many messages of the usager's side `user`, an accompagnateur, has to read."""
    return messagerie.unread_count(dossier, by=user, side=MessageSide.SERVICE)
