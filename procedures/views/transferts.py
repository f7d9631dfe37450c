"""Pages that offer a procédure to another organisme, and answer such an offer."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from accounts.models import Organisme
from procedures import transferts
from procedures.forms.organisme import OrganismeChoiceForm
from procedures.forms.transfert import TransfertForm
from procedures.models import Procedure, Transfert

PROPOSED = (
    "Le transfert est proposé. Si cette adresse est celle d’un administrateur d’un autre "
    "organisme, il en est averti par email et a 30 jours pour répondre."
)
HISTORY_MAX = 20


def transfert_list(request, pk):
    """Show the offer that waits and the former ones; a POST makes one."""
    procedure = _procedure_or_404(request, pk)
    form = TransfertForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            transferts.propose(procedure, form.cleaned_data["email"], by=request.user)
        except transferts.TransfertRefused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, PROPOSED)
        return redirect("procedures:transfert_list", procedure.pk)
    history = procedure.transferts.select_related(
        "proposed_by", "decided_by", "from_organisme", "to_organisme"
    ).order_by("-pk")[:HISTORY_MAX]
    pending = next((transfert for transfert in history if transfert.is_pending), None)
    context = {"procedure": procedure, "form": form, "history": history, "pending": pending}
    return render(request, "procedures/transfert_list.html", context)


@require_POST
def transfert_cancel(request, pk, transfert_pk):
    """Take an offer back."""
    procedure = _procedure_or_404(request, pk)
    transfert = get_object_or_404(procedure.transferts, pk=transfert_pk)
    try:
        transferts.cancel(transfert, by=request.user)
    except transferts.TransfertRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Le transfert est annulé.")
    return redirect("procedures:transfert_list", procedure.pk)


def transfert_answer(request, pk):
    """Show an offer made to me; a POST accepts it or refuses it."""
    transfert = get_object_or_404(
        Transfert.objects.offered_to(request.user).select_related(
            "procedure", "from_organisme", "proposed_by"
        ),
        pk=pk,
    )
    elsewhere = Organisme.objects.exclude(pk=transfert.from_organisme_id)
    accepts = request.POST.get("reponse") == "accepter"
    form = OrganismeChoiceForm(
        request.POST if accepts else None, user=request.user, among=elsewhere
    )
    if accepts and form.is_valid():
        return _accepted(request, transfert, form.chosen_organisme)
    if request.POST.get("reponse") == "refuser":
        return _refused(request, transfert)
    context = {"transfert": transfert, "procedure": transfert.procedure, "form": form}
    return render(
        request, "procedures/transfert_answer.html", context, status=422 if form.errors else 200
    )


def _accepted(request, transfert: Transfert, organisme: Organisme):
    try:
        procedure = transferts.accept(transfert, organisme=organisme, by=request.user)
    except transferts.TransfertRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("procedures:procedure_list")
    messages.success(request, f"« {procedure.title} » est maintenant à {organisme}.")
    return redirect("procedures:procedure_detail", procedure.pk)


def _refused(request, transfert: Transfert):
    try:
        transferts.refuse(transfert, by=request.user)
    except transferts.TransfertRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Le transfert est refusé.")
    return redirect("procedures:procedure_list")


def _procedure_or_404(request, pk) -> Procedure:
    return get_object_or_404(
        Procedure.objects.administered_by(request.user).select_related("organisme"), pk=pk
    )
