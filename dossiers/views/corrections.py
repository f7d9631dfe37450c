"""Giving a corrected dossier back to the service."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from dossiers import corrections, policies
from dossiers.depots import DepositRefused, deposit_modifications
from dossiers.models import Dossier
from dossiers.views.fetch import not_found_when_deleted, shared_dossier

CORRECTED = "corrige"


@require_POST
@not_found_when_deleted
def correction_resolve(request, pk):
    """Give a corrected dossier back, as it was saved."""
    return give_back(request, shared_dossier(request.user, pk))


def give_back(request, dossier: Dossier) -> HttpResponse:
    """Deposit what was changed, if anything was, note the correction made and say so."""
    if not policies.can_submit(request.user, dossier):
        raise PermissionDenied
    if dossier.pending_correction is None:
        return redirect(dossier)
    problems = corrections.problems_left(dossier)
    if problems:
        messages.error(request, "Complétez d’abord les réponses signalées ci-dessous.")
        form_url = reverse("dossiers:dossier_edit", args=[dossier.pk])
        return redirect(f"{form_url}?erreurs=1#{problems[0].anchor}")
    try:
        if dossier.has_modification:
            deposit_modifications(dossier.pk, by=request.user)  # and so resolves it
        else:
            corrections.resolve(dossier, request.user)
    except DepositRefused:
        return redirect("dossiers:dossier_review", dossier.pk)
    messages.success(request, "Le service est prévenu : votre dossier est corrigé.")
    return redirect(dossier)
