"""Holding a dossier while it changes."""

from dossiers.adaptation import adapt_reponses
from dossiers.models import Dossier


def locked_dossier(dossier_id: int, *joined: str) -> Dossier:
    """Return the dossier, its row locked until the transaction ends, with what `joined` names.

    In two queries: after waiting for the lock PostgreSQL reads the locked row again, not those
    joined to it, and would answer that a dossier whose form was just published does not exist.
    Raises Dossier.DoesNotExist.
    """
    lock = Dossier.with_tests.select_for_update(of=("self",)).only("pk")
    lock.get(pk=dossier_id)
    dossier = Dossier.with_tests.select_related(*joined).get(pk=dossier_id)
    if "revision" in joined:
        adapt_reponses(dossier)
    return dossier
