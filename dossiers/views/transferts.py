"""Giving one of my dossiers to somebody, and answering such an offer."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from django_ratelimit.core import is_ratelimited

from dossiers import policies, transferts
from dossiers.enums import TRANSFERT_DAYS
from dossiers.forms import TransfertForm
from dossiers.models import Transfert
from dossiers.views.fetch import not_found_when_deleted, shared_dossier

PROPOSE_RATE = "20/d"
HISTORY_MAX = 10
PROPOSED = "La proposition est partie par email. La personne a 14 jours pour répondre."
TOO_MANY = "Vous avez proposé beaucoup de dossiers aujourd’hui. Recommencez demain."


@never_cache
@not_found_when_deleted
def dossier_transfer(request, pk):
    """Show the offer that waits and the former ones; a POST makes one."""
    dossier = shared_dossier(request.user, pk)
    if not policies.can_transfer(request.user, dossier):
        raise PermissionDenied
    form = TransfertForm(request.POST or None)
    status = 200
    if request.method == "POST":
        if form.is_valid() and _propose(request, dossier, form):
            return redirect("dossiers:dossier_transfer", pk)
        status = 422
    mine = dossier.transferts.filter(proposed_by=request.user)
    history = list(mine.select_related("decided_by").order_by("-pk")[:HISTORY_MAX])
    context = {
        "dossier": dossier,
        "tab": "transfert",
        "form": form,
        "days": TRANSFERT_DAYS,
        "pending": next((transfert for transfert in history if transfert.is_pending), None),
        "history": [transfert for transfert in history if not transfert.is_pending],
    }
    return render(request, "dossiers/dossier_transfer.html", context, status=status)


@require_POST
def transfert_cancel(request, pk, transfert_pk):
    """Take an offer back."""
    dossier = shared_dossier(request.user, pk)
    transfert = get_object_or_404(dossier.transferts, pk=transfert_pk)
    try:
        transferts.cancel(transfert, by=request.user)
    except transferts.TransfertRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "La proposition est annulée.")
    return redirect("dossiers:dossier_transfer", pk)


@never_cache
def transfert_answer(request, pk):
    """Show an offer made to me; a POST accepts it or refuses it.

    Whoever else follows the link learns nothing, not even whether there is such an offer.
    """
    offered = Transfert.objects.offered_to(request.user).select_related(
        "dossier__procedure__organisme", "proposed_by"
    )
    transfert = offered.filter(pk=pk).first()
    if transfert is None:
        return render(request, "dossiers/transfert_unknown.html", status=404)
    answer = request.POST.get("reponse")
    if answer == "accepter":
        return _answered(request, transfert, transferts.accept, "Le dossier nº {} est à vous.")
    if answer == "refuser":
        return _answered(request, transfert, transferts.refuse, "Vous ne reprenez pas ce dossier.")
    return render(request, "dossiers/transfert_answer.html", {"transfert": transfert})


def _propose(request, dossier, form: TransfertForm) -> bool:
    """Make the offer; False, with the reason beside the field, when it cannot be made."""
    if is_ratelimited(
        request, group="transfert", key="user", rate=PROPOSE_RATE, method="POST", increment=True
    ):
        form.add_error("email", TOO_MANY)
        return False
    try:
        transferts.propose(dossier.pk, form.cleaned_data["email"], by=request.user)
    except transferts.TransfertRefused as refusal:
        form.add_error("email", str(refusal))
        return False
    messages.success(request, PROPOSED)
    return True


def _answered(request, transfert: Transfert, answer, done: str):
    try:
        dossier = answer(transfert, by=request.user)
    except transferts.TransfertRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("dossiers:dossier_list")
    messages.success(request, done.format(transfert.dossier_id))
    return redirect(dossier or "dossiers:dossier_list")
