"""Giving a dossier to another person, who accepts it with the account of the address named."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User, normalize_email
from dossiers import policies
from dossiers.avis_usager import tell
from dossiers.corbeille import cancel_offers
from dossiers.enums import HistoryAction, TransfertState
from dossiers.historique import record
from dossiers.locks import locked_dossier
from dossiers.models import Dossier, Transfert
from dossiers.search import refresh_search_text

JOINED = ("usager", "etablissement", "procedure__organisme", "revision")
NO_LONGER = "Cette proposition n’attend plus de réponse."


class TransfertRefused(Exception):
    """What cannot be done with a transfer any more; its text says why, in French."""


def propose(dossier_id: int, email: str, *, by: User) -> Transfert:
    """Offer a dossier of `by` to the person at `email`, who may have no account yet.

    Nothing returned or shown says whether they have. Raises TransfertRefused, PermissionDenied,
    Dossier.DoesNotExist.
    """
    address = normalize_email(email)
    with transaction.atomic():
        dossier = locked_dossier(dossier_id, *JOINED)
        if not policies.can_transfer(by, dossier):
            raise PermissionDenied
        if address == by.email:
            raise TransfertRefused("Ce dossier est déjà à vous : donnez une autre adresse.")
        if dossier.transferts.pending().exists():
            raise TransfertRefused("Une proposition attend déjà une réponse. Annulez-la d’abord.")
        cancel_offers(dossier, by=None)  # an expired one leaves its place
        transfert = Transfert.objects.create(dossier=dossier, to_email=address, proposed_by=by)
        tell(
            "transfert_propose",
            dossier,
            to=address,
            path=reverse("dossiers:transfert_answer", args=[transfert.pk]),
            label="Répondre à la proposition",
            reference=transfert.courriel_reference,
            key=f"transfert:{transfert.pk}:propose",
            transfert=transfert,
            sender=by,
        )
    return transfert


def accept(transfert: Transfert, *, by: User) -> Dossier:
    """Make `by` the usager of the dossier, and tell both; who gave it loses it.

    Those invited to it stay. Raises TransfertRefused when the offer no longer stands.
    """
    with transaction.atomic():
        dossier = _held(transfert, by)
        former = dossier.usager
        dossier.usager = by
        dossier.erasure_announced_on = None  # to another: it is announced again
        _unlink(dossier)
        # The usager of a dossier is not invited to it as well.
        dossier.invites.live().filter(user=by).update(left_at=timezone.now())
        refresh_search_text(dossier)
        dossier.save(update_fields=["usager", "precedent", "search_text", "erasure_announced_on"])
        _decide(transfert, TransfertState.ACCEPTE, by=by)
        text = f"De {former} ({former.email}) à {by} ({by.email})."
        record(HistoryAction.TRANSFER, dossier, by=by, text=text)
        for user in (former, by):
            tell(
                "transfert_accepte",
                dossier,
                to=user.email,
                path=dossier.get_absolute_url() if user == by else _list_path(),
                label="Ouvrir le dossier" if user == by else "Ouvrir mes dossiers",
                reference=transfert.courriel_reference,
                key=f"transfert:{transfert.pk}:accepte:{user.pk}",
                sender=former,
                receiver=by,
                is_receiver=user == by,
            )
    return dossier


def refuse(transfert: Transfert, *, by: User) -> None:
    """Decline the offer and tell who made it. Raises TransfertRefused when it no longer stands."""
    with transaction.atomic():
        dossier = _held(transfert, by)
        _decide(transfert, TransfertState.REFUSE, by=by)
        tell(
            "transfert_refuse",
            dossier,
            to=dossier.usager.email,
            path=dossier.get_absolute_url(),
            label="Ouvrir le dossier",
            reference=transfert.courriel_reference,
            key=f"transfert:{transfert.pk}:refuse",
            transfert=transfert,
        )


def cancel(transfert: Transfert, *, by: User) -> None:
    """Take the offer back. Raises TransfertRefused when it was answered meanwhile."""
    with transaction.atomic():
        dossier = _locked(transfert)
        if not policies.can_transfer(by, dossier):
            raise PermissionDenied
        if not dossier.transferts.filter(pk=transfert.pk, state=TransfertState.PROPOSE).exists():
            raise TransfertRefused("Cette proposition a déjà reçu une réponse.")
        _decide(transfert, TransfertState.ANNULE, by=by)


def _held(transfert: Transfert, by: User) -> Dossier:
    """Return the dossier, locked: what happens to its offers waits; that of `by` still stands."""
    dossier = _locked(transfert)
    if not Transfert.objects.offered_to(by).filter(pk=transfert.pk).exists():
        raise TransfertRefused(NO_LONGER)
    return dossier


def _locked(transfert: Transfert) -> Dossier:
    try:
        return locked_dossier(transfert.dossier_id, *JOINED)
    except Dossier.DoesNotExist:
        raise TransfertRefused(NO_LONGER) from None


def _decide(transfert: Transfert, state: str, *, by: User) -> None:
    transfert.state, transfert.decided_by, transfert.decided_at = state, by, timezone.now()
    transfert.save(update_fields=["state", "decided_by", "decided_at"])


def _unlink(dossier: Dossier) -> None:
    """Undo the links to the dossiers that stay with another person.

    Each of the two may then be followed, or begun again, by its own usager.
    """
    before = dossier.precedent
    if before is not None and before.usager_id != dossier.usager_id:
        dossier.precedent = None
    strangers = Dossier.with_trash.filter(precedent=dossier).exclude(usager_id=dossier.usager_id)
    strangers.update(precedent=None)


def _list_path() -> str:
    return reverse("dossiers:dossier_list")
