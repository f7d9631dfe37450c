"""Checking one's answers, then filing the dossier."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from dossiers import workflow
from dossiers.completeness import (
    identification_problems,
    ineligibility_messages,
    sections_of,
)
from dossiers.models import Dossier
from dossiers.views.fetch import not_found_when_deleted, owned_dossier


@never_cache
@require_safe
def dossier_review(request, pk):
    """Show every answer before submission, and what is still to be done."""
    dossier = owned_dossier(request.user, pk)
    if not dossier.is_brouillon:
        return redirect(dossier)
    sections = sections_of(dossier)
    problems = identification_problems(dossier)
    for section in sections:
        problems += section.problems
    context = {
        "dossier": dossier,
        "sections": sections,
        "problems": problems,
        "ineligibilities": ineligibility_messages(dossier),
        "may_edit": True,
    }
    return render(request, "dossiers/dossier_review.html", context)


@require_POST
@not_found_when_deleted
def dossier_submit(request, pk):
    """File the dossier; a second click ends on the page of the dossier, filed once."""
    try:
        dossier = workflow.run(workflow.SUBMIT, _owned_pk(request.user, pk), by=request.user)
    except (workflow.DossierIncomplete, workflow.DossierIneligible):
        return redirect("dossiers:dossier_review", pk)
    except workflow.ProcedureClosed as refusal:
        messages.error(request, f"{refusal} Votre brouillon est conservé.")
        return redirect("dossiers:dossier_review", pk)
    except workflow.TransitionRefused:
        return redirect("dossiers:dossier_detail", pk)
    messages.success(request, f"Votre dossier nº {dossier.pk} est déposé.")
    return redirect(dossier)


def _owned_pk(user, pk: int) -> int:
    if not Dossier.with_tests.owned_by(user).filter(pk=pk).exists():
        raise Http404
    return pk
