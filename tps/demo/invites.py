"""The invités of the demo: a partner of an usager, and somebody whom a service asks for avis."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from dossiers import invitations
from dossiers.enums import InviteOrigin, InviteRole
from dossiers.models import Dossier
from instruction import avis as avis_of
from instruction.avis_enums import AvisAnswer

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
    _ask_for_avis(people, invite)


def _ask_for_avis(people: dict[str, User], expert: User) -> None:
    """Let the service ask the invité twice: one avis is given, the other is awaited."""
    usager, by = people["usager@demo.tps"], people["accompagnateur@demo.tps"]
    examined = Dossier.objects.filter(state="en_instruction").exclude(usager=usager)
    first, second = examined.order_by("pk")[:2]
    questions = (
        (first, "Le budget présenté vous paraît-il réaliste ?", False),
        (second, "Que pensez-vous de cette demande ?", True),
    )
    for dossier, question, is_confidential in questions:
        (asked,) = avis_of.ask(
            dossier.pk,
            [expert.email],
            by=by,
            question=question,
            is_confidential=is_confidential,
            due_on=timezone.localdate() + timedelta(days=10),
        )
        invitations.accept(asked.invite_id, by=expert)
        if dossier == first:
            avis_of.answer(
                asked.pk,
                by=expert,
                answer=AvisAnswer.FAVORABLE,
                text="Les dépenses sont détaillées et proportionnées. Je suis favorable.",
            )
