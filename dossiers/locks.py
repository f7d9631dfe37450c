"""Holding a dossier while it changes."""

from dossiers.models import Dossier


def locked_dossier(dossier_id: int, *joined: str) -> Dossier:
    """Return the dossier, its row locked until the transaction ends, with what `joined` names.

    In two queries: after waiting for the lock PostgreSQL reads the locked row again, not those
    joined to it, and would answer that a dossier whose form was just published does not exist.
    Raises Dossier.DoesNotExist.
    """
    lock = Dossier.objects.select_for_update(of=("self",)).only("pk")
    lock.get(pk=dossier_id)
    return Dossier.objects.select_related(*joined).get(pk=dossier_id)
