"""The invités of the demo: a partner of an usager, and somebody whom a service asks."""

from accounts.models import User
from dossiers import invitations
from dossiers.enums import InviteOrigin, InviteRole
from dossiers.models import Dossier

_INVITE = "invite@demo.tps"


def create_invites(people: dict[str, User]) -> None:
    """Let the invité fill in a brouillon of the usager, read another, and look for the service."""
    usager, invite = people["usager@demo.tps"], people[_INVITE]
    shared, waiting = Dossier.objects.owned_by(usager).filter(state="brouillon").order_by("pk")[:2]
    accepted = invitations.invite(
        shared.pk,
        _INVITE,
        by=usager,
        origin=InviteOrigin.USAGER,
        role=InviteRole.ECRITURE,
        message="Peux-tu compléter la partie sur le budget ? Je m’occupe du reste.",
    )
    invitations.accept(accepted.pk, by=invite)
    invitations.invite(
        waiting.pk,
        _INVITE,
        by=usager,
        origin=InviteOrigin.USAGER,
        message="Une relecture avant le dépôt me rendrait service.",
    )
    asked = Dossier.objects.filter(state="en_instruction").exclude(usager=usager).order_by("pk")[0]
    consulted = invitations.invite(
        asked.pk,
        _INVITE,
        by=people["accompagnateur@demo.tps"],
        origin=InviteOrigin.ACCOMPAGNATEUR,
        message="Que pensez-vous de cette demande ?",
    )
    invitations.accept(consulted.pk, by=invite)
