"""Asking the usager to correct named champs, and sparing them."""

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from dossiers import corrections
from dossiers.demande import sections_of
from dossiers.enums import DossierState
from dossiers.models import Dossier
from dossiers.views.fetch import not_found_when_deleted
from instruction.forms import CorrectionForm
from instruction.listing import Listing, onglet_of
from instruction.views.actions import decidable_dossier
from instruction.views.detail import dossier_url, list_url

CHOSEN_MAX = 1000


@not_found_when_deleted
def correction_ask(request, pk):
    """Choose the champs and say what is to be corrected, then ask."""
    dossier = decidable_dossier(request.user, pk)
    listing = Listing.read(request.GET, default=onglet_of(dossier))
    if dossier.state not in (DossierState.EN_CONSTRUCTION, DossierState.EN_INSTRUCTION):
        messages.error(request, corrections.NOT_OPEN)
        return redirect(dossier_url(dossier, listing))
    form = _form(request, dossier)
    if request.method == "POST" and form.is_valid() and _ask(form, dossier, by=request.user):
        messages.success(
            request,
            f"La correction du dossier nº {pk} est demandée : un email part à "
            f"{dossier.usager.email}.",
        )
        return redirect(dossier_url(dossier, listing))
    context = {
        "dossier": dossier,
        "form": form,
        "listing": listing,
        "dossier_label": f"Dossier nº {pk}",
        "dossier_url": dossier_url(dossier, listing),
        "list_url": list_url(request.user, dossier, listing),
        "pending": dossier.pending_correction,
    }
    status = 422 if form.is_bound else 200
    return render(request, "instruction/correction_ask.html", context, status=status)


@require_POST
@not_found_when_deleted
def correction_cancel(request, pk):
    """Spare the usager the correction; asked en instruction, the dossier goes back there."""
    dossier = decidable_dossier(request.user, pk)
    listing = Listing.read(request.GET, default=onglet_of(dossier))
    if corrections.cancel(pk, by=request.user) is None:
        messages.info(request, "Aucune correction n’est plus attendue sur ce dossier.")
    else:
        messages.success(request, "La demande de correction est annulée : l’usager est prévenu.")
    return redirect(dossier_url(dossier, listing))


def _form(request, dossier: Dossier) -> CorrectionForm:
    return CorrectionForm(
        request.POST or None,
        initial={"token": uuid.uuid4()},
        sections=sections_of(dossier),
        chosen=request.POST.getlist("champs")[:CHOSEN_MAX],
    )


def _ask(form: CorrectionForm, dossier: Dossier, *, by) -> bool:
    try:
        corrections.ask(
            dossier.pk,
            by=by,
            texts=form.cleaned_data["texts"],
            message=form.cleaned_data["message"],
            token=form.cleaned_data["token"],
        )
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True
