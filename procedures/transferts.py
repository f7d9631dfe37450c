"""Giving a procédure, with its dossiers and accompagnateurs, to another organisme."""

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisme, User, normalize_email
from procedures.administrateurs import tell
from procedures.enums import TransfertState
from procedures.models import Administration, Procedure, Transfert
from procedures.signals import procedure_transferred


class TransfertRefused(Exception):
    """What cannot be done with a transfer any more; its text says why, in French."""


def propose(procedure: Procedure, email: str, *, by: User) -> Transfert:
    """Offer the procédure to the person at `email`, told if they administer another organisme.

    Nothing returned or shown says whether they do. Raises TransfertRefused while another offer
    waits.
    """
    address = normalize_email(email)
    with transaction.atomic():
        procedure = _locked(procedure.pk)
        offers = procedure.transferts.filter(state=TransfertState.PROPOSE)
        if offers.pending().exists():
            raise TransfertRefused("Un transfert attend déjà une réponse. Annulez-le d’abord.")
        # An expired offer leaves its place.
        offers.update(state=TransfertState.ANNULE, decided_at=timezone.now())
        transfert = Transfert.objects.create(
            procedure=procedure,
            to_email=address,
            from_organisme_id=procedure.organisme_id,
            proposed_by=by,
            created_at=timezone.now(),
        )
        receiver = User.objects.for_email(address).filter(is_active=True).first()
        if receiver and Transfert.objects.offered_to(receiver).filter(pk=transfert.pk).exists():
            path = reverse("procedures:transfert_answer", args=[transfert.pk])
            tell(receiver, "transfert_propose", procedure, by=by, path=path)
    return transfert


def accept(transfert: Transfert, *, organisme: Organisme, by: User) -> Procedure:
    """Give the procédure to `organisme`, with `by` as its one administrateur; tell both sides.

    Dossiers and accompagnateurs stay; the link of the test mode ends with what was tried by it:
    the draft is the receiver's from now on. Raises TransfertRefused when the offer no longer
    stands, or when `by` does not administer `organisme`.
    """
    with transaction.atomic():
        procedure = _locked(transfert.procedure_id)
        offers = Transfert.objects.offered_to(by).filter(from_organisme=procedure.organisme_id)
        mine = organisme.administrateurs.filter(pk=by.pk).exists()
        if not mine or organisme.pk == procedure.organisme_id:
            raise TransfertRefused("Choisissez un autre organisme, que vous administrez.")
        if not offers.filter(pk=transfert.pk).exists():
            raise TransfertRefused("Ce transfert ne peut plus être accepté.")
        former = [row.user for row in procedure.administrations.select_related("user")]
        _decide(transfert, TransfertState.ACCEPTE, by=by, to_organisme=organisme)
        procedure.organisme, procedure.test_token = organisme, None
        procedure.save(update_fields=["organisme", "test_token"])
        procedure_transferred.send(Procedure, procedure=procedure)
        procedure.administrations.all().delete()
        Administration.objects.create(procedure=procedure, user=by)
        for user in {*former, by}:
            tell(user, "transfert_accepte", procedure, by=by, path=_path_for(user, by, procedure))
    return procedure


def refuse(transfert: Transfert, *, by: User) -> None:
    """Decline the offer and tell who made it. Raises TransfertRefused when it no longer stands."""
    with transaction.atomic():
        procedure = _locked(transfert.procedure_id)
        if not Transfert.objects.offered_to(by).filter(pk=transfert.pk).exists():
            raise TransfertRefused("Ce transfert n’attend plus de réponse.")
        _decide(transfert, TransfertState.REFUSE, by=by)
        proposer = transfert.proposed_by
        if proposer is not None:
            tell(proposer, "transfert_refuse", procedure, by=by)


def cancel(transfert: Transfert, *, by: User) -> None:
    """Take the offer back. Raises TransfertRefused when it was answered meanwhile."""
    with transaction.atomic():
        _locked(transfert.procedure_id)
        if not Transfert.objects.filter(pk=transfert.pk, state=TransfertState.PROPOSE).exists():
            raise TransfertRefused("Ce transfert a déjà reçu une réponse.")
        _decide(transfert, TransfertState.ANNULE, by=by)


def _locked(procedure_pk: int) -> Procedure:
    """Return the procédure under the lock that makes all that happens to its transfers wait."""
    # Without a join: one that waited would find no row once the organisme has changed.
    return Procedure.objects.select_for_update(of=("self",)).get(pk=procedure_pk)


def _decide(transfert: Transfert, state: str, *, by: User, **changes) -> None:
    for name, value in (changes | {"state": state, "decided_by": by}).items():
        setattr(transfert, name, value)
    transfert.decided_at = timezone.now()
    transfert.save(update_fields=["state", "decided_by", "decided_at", *changes])


def _path_for(user: User, by: User, procedure: Procedure) -> str:
    """Lead the new administrateur to the cockpit, and the former ones to what they may open."""
    if user == by:
        return reverse("procedures:procedure_detail", args=[procedure.pk])
    return reverse("procedures:procedure_list")
