"""Beginning a new brouillon from one of my dossiers."""

from django.contrib import messages
from django.shortcuts import redirect
from django.views.decorators.http import require_POST
from django_ratelimit.decorators import ratelimit

from dossiers.duplication import duplicate
from dossiers.views.fetch import not_found_when_deleted, shared_dossier
from dossiers.workflow import ProcedureClosed

RATE = "20/h"


@require_POST
@not_found_when_deleted
@ratelimit(group="duplication", key="user", rate=RATE)
def dossier_duplicate(request, pk):
    """Copy a dossier into a new brouillon, and lead to its identification."""
    source = shared_dossier(request.user, pk)
    try:
        copy = duplicate(pk, by=request.user)
    except ProcedureClosed as refusal:
        messages.error(request, str(refusal))
        return redirect(source)
    messages.success(
        request,
        f"Le brouillon nº {copy.pk} reprend le dossier nº {pk} : vérifiez d’abord qui le dépose.",
    )
    return redirect("dossiers:dossier_identify", copy.pk)
