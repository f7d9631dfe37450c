"""Who is written to when something is said in a dossier: the one place that knows."""

from accounts.models import User
from dossiers.enums import MessageSide, NouveauxMessages
from dossiers.models import Dossier, HistoryEntry, Invite, Message
from dossiers.preferences import choices_of, default_of, members_who_want
from procedures.models import Affectation


def recipients_of(dossier: Dossier, side: MessageSide) -> list[User]:
    """Return the people who are told of what `side` says, in the order of their accounts.

    - What the service says: the usager, and who accepted their invitation.
    - What the usager's side says: the accompagnateurs who follow this dossier, or took part in it
      by an act or a message, and are still of its groupe; else all those who are; as each chose
      in their notifications. Never its usager.
    - On a test: the tester alone.
    """
    if dossier.is_test or side == MessageSide.SERVICE:
        return usager_side(dossier)
    affectations = Affectation.objects.filter(procedure_id=dossier.procedure_id)
    if dossier.groupe_id is not None:
        affectations = affectations.filter(groupe_id=dossier.groupe_id)
    assigned = User.objects.filter(
        pk__in=affectations.values("user_id"),
        is_active=True,
    ).exclude(pk=dossier.usager_id)
    acted = HistoryEntry.objects.filter(dossier=dossier).exclude(by=None)
    wrote = Message.objects.filter(dossier=dossier, side=MessageSide.SERVICE)
    took_part = {
        *dossier.suivis.values_list("user_id", flat=True),
        *acted.values_list("by_id", flat=True),
        *wrote.values_list("author_id", flat=True),
    }
    people = list(assigned.order_by("pk"))
    concerned = took_part & {user.pk for user in people}
    chosen, default = choices_of(dossier.procedure_id, "new_message"), default_of("new_message")
    return [
        user
        for user in people
        if _wants(chosen.get(user.pk, default), not concerned or user.pk in concerned)
    ]


def recipients_of_avis(dossier: Dossier, asked_by: User | None) -> list[User]:
    """Return the accompagnateurs who are told that an avis was given, in order of accounts.

    Whoever asked for it, and those who follow the dossier, unless they chose not to be.
    """
    followers = set(dossier.suivis.values_list("user_id", flat=True))
    concerned = followers | ({asked_by.pk} if asked_by else set())
    return [user for user in members_who_want(dossier, "avis_rendu") if user.pk in concerned]


def _wants(choice: str, is_concerned: bool) -> bool:
    return choice == NouveauxMessages.TOUS or (choice == NouveauxMessages.SUIVIS and is_concerned)


def followers_or_groupe(dossier: Dossier) -> list[User]:
    """Return who follows a dossier and is still of its groupe; else all those who are.

    Never its usager.
    """
    of_groupe = User.objects.filter(
        pk__in=Affectation.objects.filter(groupe_id=dossier.groupe_id).values("user_id"),
        is_active=True,
    ).exclude(pk=dossier.usager_id)
    followers = of_groupe.filter(suivis__dossier=dossier)
    return list(followers.order_by("pk")) or list(of_groupe.order_by("pk"))


def usager_side(dossier: Dossier) -> list[User]:
    """Return those who read what the service writes; the tester alone on a test."""
    people = [dossier.usager]
    if not dossier.is_test:
        invites = Invite.objects.active().of_usager().filter(dossier=dossier)
        people += [invite.user for invite in invites.select_related("user").order_by("user_id")]
    return [user for user in people if user.is_active]
