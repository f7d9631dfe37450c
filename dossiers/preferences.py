"""Reading what people want to be told of by email: the one place that knows the defaults."""

from collections.abc import Iterable

from django.db.models import Q

from accounts.models import User
from dossiers.models import Dossier, Invite, PreferenceNotification
from procedures.models import Affectation, Procedure


def procedures_concerning(user):
    """Return the procédures that `user` instructs, or a dossier of which a service showed them."""
    asked = Invite.objects.active().of_service().filter(user_id=user.pk)
    mine = Procedure.objects.instructed_by(user).values("pk")
    return Procedure.objects.filter(
        Q(pk__in=mine) | Q(pk__in=asked.values("dossier__procedure_id"))
    )


def preferences_of(user, procedure_ids: Iterable[int]) -> dict[int, PreferenceNotification]:
    """Return the preferences of a person for each procédure, the defaults where they said none."""
    found = {
        item.procedure_id: item
        for item in PreferenceNotification.objects.filter(
            user_id=user.pk, procedure_id__in=list(procedure_ids)
        )
    }
    return {
        pk: found.get(pk) or PreferenceNotification(user=user, procedure_id=pk)
        for pk in procedure_ids
    }


def choices_of(procedure_id: int, name: str) -> dict[int, bool | str]:
    """Return what each person who said something chose for one preference, by account."""
    rows = PreferenceNotification.objects.filter(procedure_id=procedure_id)
    return dict(rows.values_list("user_id", name))


def default_of(name: str) -> bool | str:
    """Return what holds for whoever said nothing."""
    return PreferenceNotification._meta.get_field(name).default


def members_who_want(dossier: Dossier, name: str) -> list[User]:
    """Return the accompagnateurs of a dossier's groupe who want one kind of email, by account.

    Never its usager.
    """
    chosen, default = choices_of(dossier.procedure_id, name), default_of(name)
    members = Affectation.objects.filter(groupe_id=dossier.groupe_id).values("user_id")
    people = User.objects.filter(pk__in=members, is_active=True).exclude(pk=dossier.usager_id)
    return [user for user in people.order_by("pk") if chosen.get(user.pk, default)]
