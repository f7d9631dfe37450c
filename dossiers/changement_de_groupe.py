"""A dossier moved to another groupe by an accompagnateur."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse

from accounts.models import User
from dossiers import policies, routage
from dossiers.avis_usager import tell
from dossiers.enums import HistoryAction
from dossiers.historique import record
from dossiers.locks import locked_dossier
from dossiers.models import Dossier, Suivi
from procedures.models import Affectation, Groupe


def other_groupes(dossier: Dossier):
    """Return the groupes to which a dossier may be moved."""
    return Groupe.objects.filter(procedure_id=dossier.procedure_id).exclude(pk=dossier.groupe_id)


def change_groupe(dossier_id: int, groupe: Groupe, *, by, reason: str) -> bool:
    """Move a dossier for good: rules leave it there; tell whether `by` still sees it.

    Followers who are not of the new groupe follow no more, and are told once. Moving it where it
    is changes nothing. Raises PermissionDenied, Dossier.DoesNotExist.
    """
    with transaction.atomic():
        dossier = locked_dossier(dossier_id, "usager", "groupe", "procedure__organisme")
        if not policies.can_change_groupe(by, dossier):
            raise PermissionDenied
        if groupe.procedure_id != dossier.procedure_id:
            raise PermissionDenied
        if groupe.pk != dossier.groupe_id:
            former = dossier.groupe
            routage.set_groupe(dossier, groupe, is_manual=True)
            text = f"De « {former} » à « {groupe} ». {reason}".strip()
            entry = record(HistoryAction.CHANGE_GROUPE, dossier, by=by, text=text)
            for user in drop_followers(dossier):
                if user.pk != by.pk:
                    _tell(dossier, user, former, by, reason, key=f"historique:{entry.pk}")
    return groupe.affectations.filter(user_id=by.pk).exists()


def drop_followers(dossier: Dossier) -> list[User]:
    """Let those who are not of the groupe of a locked dossier follow it no more; return them."""
    members = Affectation.objects.filter(groupe_id=dossier.groupe_id).values("user_id")
    lost = Suivi.objects.filter(dossier=dossier).exclude(user_id__in=members)
    users = [suivi.user for suivi in lost.select_related("user")]
    lost.delete()
    return users


def _tell(dossier: Dossier, user: User, former: Groupe, by, reason: str, *, key: str) -> None:
    if not user.is_active or user.pk == dossier.usager_id:
        return
    tell(
        "groupe_change",
        dossier,
        to=user.email,
        path=reverse("instruction:dossier_list", args=[dossier.procedure_id]),
        label="Ouvrir mes dossiers",
        key=f"{key}:{user.pk}",
        # Between accompagnateurs: not one of the emails that the dossier shows.
        reference=f"groupe:{dossier.pk}",
        former=former,
        groupe=dossier.groupe,
        by=by,
        reason=reason,
    )
