"""Checking one's answers, then filing the dossier, or what was changed in it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from dossiers import policies, workflow
from dossiers.completeness import (
    identification_problems,
    ineligibility_messages,
    sections_of,
)
from dossiers.copie import discard_modifications
from dossiers.depots import (
    DepositRefused,
    DossierIncomplete,
    DossierIneligible,
    deposit_modifications,
)
from dossiers.models import Dossier
from dossiers.versions import changes_to_file
from dossiers.views.fetch import (
    editable_dossier,
    fillable_dossier,
    not_found_when_deleted,
    redirect_frozen,
)


@never_cache
@require_safe
def dossier_review(request, pk):
    """Show every answer, or every change, before it is filed, and what is still to be done."""
    dossier = fillable_dossier(request.user, pk)
    if not (dossier.is_brouillon or (dossier.is_working_copy and dossier.has_modification)):
        return redirect(dossier)
    sections = sections_of(dossier)
    problems = identification_problems(dossier)
    for section in sections:
        problems += section.problems
    context = {
        "dossier": dossier,
        "sections": sections,
        "problems": problems,
        "problems_title": (
            "Avant de soumettre, complétez votre dossier"
            if dossier.is_brouillon
            else "Avant de déposer vos modifications, complétez-les"
        ),
        "ineligibilities": ineligibility_messages(dossier),
        "may_edit": True,
        "may_submit": policies.can_submit(request.user, dossier),
        "changes": [] if dossier.is_brouillon else changes_to_file(dossier),
    }
    return render(request, "dossiers/dossier_review.html", context)


@require_POST
@not_found_when_deleted
def modifications_deposit(request, pk):
    """File what was changed; a second click ends on the page of the dossier, filed once."""
    _check_shared(request.user, pk)
    try:
        version = deposit_modifications(pk, by=request.user)
    except (DossierIncomplete, DossierIneligible):
        return redirect("dossiers:dossier_review", pk)
    except DepositRefused as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(
            request, f"Vos modifications sont déposées : version {version.number} de votre dossier."
        )
    return redirect("dossiers:dossier_detail", pk)


@not_found_when_deleted
@redirect_frozen
def modifications_discard(request, pk):
    """Ask once, then throw away what was changed since the last deposit."""
    dossier = editable_dossier(request.user, pk)
    if dossier.is_brouillon or not policies.can_submit(request.user, dossier):
        raise PermissionDenied
    if request.method == "POST":
        discard_modifications(pk, by=request.user)
        messages.success(request, "Vos modifications non déposées sont abandonnées.")
        return redirect(dossier)
    changes = changes_to_file(dossier)
    return render(
        request, "dossiers/modifications_discard.html", {"dossier": dossier, "changes": changes}
    )


@require_POST
@not_found_when_deleted
def dossier_submit(request, pk):
    """File the dossier; a second click ends on the page of the dossier, filed once."""
    _check_shared(request.user, pk)
    try:
        dossier = workflow.run(workflow.SUBMIT, pk, by=request.user)
    except (DossierIncomplete, DossierIneligible):
        return redirect("dossiers:dossier_review", pk)
    except workflow.ProcedureClosed as refusal:
        messages.error(request, f"{refusal} Votre brouillon est conservé.")
        return redirect("dossiers:dossier_review", pk)
    except workflow.TransitionRefused:
        return redirect("dossiers:dossier_detail", pk)
    messages.success(request, f"Votre dossier nº {dossier.pk} est déposé.")
    return redirect(dossier)


def _check_shared(user, pk: int) -> None:
    if not Dossier.with_tests.filled_in_by(user).filter(pk=pk).exists():
        raise Http404
