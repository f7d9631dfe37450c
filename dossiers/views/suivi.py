"""The page of a dossier, mine or shared with me."""

from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dossiers import demande, policies
from dossiers.adaptation import adapt_reponses
from dossiers.anciennes_reponses import anciennes_reponses
from dossiers.attestations import attestation_of
from dossiers.completeness import sections_of
from dossiers.delais import delais_of
from dossiers.models import Dossier
from dossiers.suites import JOINED, NOTHING_NEXT, next_step
from dossiers.timeline import steps_of


@never_cache
@require_safe
def dossier_detail(request, pk):
    """Show where a dossier stands, and its answers."""
    shared = (
        Dossier.with_tests.filled_in_by(request.user)
        .with_detail()
        .select_related("modification", *JOINED)
    )
    dossier = get_object_or_404(shared, pk=pk)
    adapt_reponses(dossier)
    can_edit = policies.can_edit(request.user, dossier)
    if dossier.is_brouillon:
        return redirect("dossiers:dossier_edit", pk) if can_edit else _read(request, dossier)
    sections = sections_of(dossier)
    is_usager = dossier.usager_id == request.user.pk
    delais = delais_of(dossier.procedure)
    context = {
        "dossier": dossier,
        "tab": "demande",
        "steps": steps_of(dossier, delais),
        "delais": delais,
        "sections": sections,
        "anciennes": anciennes_reponses(dossier),
        "problems": [problem for section in sections for problem in section.problems],
        "attestation": attestation_of(dossier),
        "next_step": next_step(dossier) if is_usager else NOTHING_NEXT,
        "can_edit": can_edit,
        "is_usager": is_usager,
    }
    return render(request, "dossiers/dossier_detail.html", context)


def _read(request, dossier: Dossier):
    """Show a brouillon to who may only read it."""
    context = {"dossier": dossier, "tab": "demande", "sections": demande.sections_of(dossier)}
    return render(request, "dossiers/brouillon_read.html", context)
