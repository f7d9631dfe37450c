"""Following a dossier."""

from django.core.exceptions import PermissionDenied

from dossiers import policies
from dossiers.models import Dossier, Suivi


def follow(dossier: Dossier, *, by, user=None) -> bool:
    """Let `user`, `by` if not said, follow a dossier; tell whether they did not already.

    Raises PermissionDenied when `by` may not decide, or when `user`, given the dossier by a
    colleague, does not see it.
    """
    user = user or by
    if not policies.can_decide(by, dossier) or not policies.can_decide(user, dossier):
        raise PermissionDenied
    assigned_by = by if user.pk != by.pk else None
    _suivi, is_new = Suivi.objects.get_or_create(
        dossier=dossier, user=user, defaults={"assigned_by": assigned_by}
    )
    return is_new


def follow_as_actor(dossier: Dossier, by) -> None:
    """Let whoever takes a dossier in hand follow it; TPS itself (None) and tests are left out."""
    if by is not None and not dossier.is_test:
        # One statement, which two at once may run.
        Suivi.objects.bulk_create([Suivi(dossier=dossier, user=by)], ignore_conflicts=True)


def unfollow(dossier: Dossier, *, user) -> bool:
    """Let `user` follow a dossier no more; tell whether they did."""
    deleted, _details = Suivi.objects.filter(dossier=dossier, user=user).delete()
    return bool(deleted)
