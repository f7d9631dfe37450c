"""Assigning accompagnateurs to a procédure."""

from collections.abc import Iterable

from django.db import transaction
from django.urls import reverse

from accounts.invitations import get_or_invite
from accounts.models import normalize_email
from procedures.models import Affectation, Groupe, Procedure


def assign(procedure: Procedure, email: str, *, by, groupe: Groupe | None = None) -> Affectation:
    """Assign the person at `email` to a groupe, the default one if not said.

    They are told by email, and invited when TPS knows no account.

    Assigning twice changes nothing and sends nothing; nor is anything sent to oneself.
    """
    address = normalize_email(email)
    groupe = groupe or Groupe.objects.default_of(procedure.pk)
    with transaction.atomic():
        # Two at once must not both send the email.
        Procedure.objects.select_for_update(of=("self",)).get(pk=procedure.pk)
        existing = Affectation.objects.filter(groupe=groupe, user__email=address).first()
        if existing is not None:
            return existing
        user = by
        if address != by.email:
            user, _ = get_or_invite(
                address,
                invited_by=by,
                reason=f"{by} vous confie l’instruction des dossiers de la procédure "
                f"« {procedure.title} »{'' if groupe.is_default else f', groupe « {groupe} »'}.",
                next_path=reverse("instruction:procedure_list"),
            )
        return Affectation.objects.create(procedure=procedure, groupe=groupe, user=user)


def assign_all(
    procedure: Procedure, emails: Iterable[str], *, by, groupe: Groupe | None = None
) -> int:
    """Assign every address, all or none; return how many were not assigned before."""
    with transaction.atomic():
        before = set(procedure.affectations.values_list("pk", flat=True))
        assigned = {assign(procedure, email, by=by, groupe=groupe).pk for email in emails}
    return len(assigned - before)


def count_people(procedure: Procedure) -> int:
    """Return how many people accompany a procédure, each once however many groupes they are in."""
    return procedure.affectations.order_by().values("user_id").distinct().count()


def unassign(affectation: Affectation) -> None:
    """Take the dossiers of a groupe away from this person; what they did stays written."""
    affectation.delete()
