"""My dossiers and those shared with me: the list, the page of one, the deletion of a brouillon."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from commun.keyset import paginate
from courriels.models import Courriel
from dossiers import demande, policies
from dossiers.adaptation import adapt_reponses
from dossiers.anciennes_reponses import anciennes_reponses
from dossiers.attestations import attestation_of
from dossiers.completeness import sections_of
from dossiers.enums import DossierTab, InviteOrigin
from dossiers.invitations import waiting_invitations
from dossiers.models import Dossier
from dossiers.pieces_jointes import delete_brouillon
from dossiers.suites import JOINED, NOTHING_NEXT, next_step
from dossiers.timeline import steps_of
from dossiers.views.fetch import not_found_when_deleted, shared_dossier
from dossiers.workflow import courriel_reference

PAGE_SIZE = 20
TESTS_MAX = 20
# What is expected of the usager first.
ORDER = ["-correction_due", "-updated_at", "-pk"]
TESTS_ORDER = ["-updated_at", "-pk"]


@never_cache
@require_safe
def dossier_list(request):
    """List my dossiers and those I was invited to, by what is left to do with them."""
    search = request.GET.get("q", "").strip()[:200]
    mine = Dossier.objects.filled_in_by(request.user)
    found = mine.search_of_usager(search)
    counts = found.tab_counts()
    tab = request.GET.get("onglet")
    if tab not in DossierTab:
        tab = next((name for name in DossierTab if counts[name]), DossierTab.EN_COURS)
    page = paginate(
        found.in_tab(tab)
        .with_corrections()
        .with_unread(request.user)
        .with_people()
        .without_answers(),
        ORDER,
        request.GET.get("suite"),
        PAGE_SIZE,
    )
    context = {
        "page": page,
        "search": search,
        "tab": tab,
        "tabs": [(name, name.label, counts[name]) for name in DossierTab],
        "total": sum(counts.values()),
        "has_any": bool(sum(counts.values())) or mine.exists(),
        "invitations": waiting_invitations(request.user, InviteOrigin.USAGER),
        "tests": Dossier.tests.owned_by(request.user)
        .with_people()
        .without_answers()
        .order_by(*TESTS_ORDER)[:TESTS_MAX],
    }
    return render(request, "dossiers/dossier_list.html", context)


@never_cache
@require_safe
def dossier_detail(request, pk):
    """Show where a dossier stands, its answers, its files and the emails that left."""
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
    context = {
        "dossier": dossier,
        "tab": "demande",
        "steps": steps_of(dossier),
        "sections": sections,
        "anciennes": anciennes_reponses(dossier),
        "problems": [problem for section in sections for problem in section.problems],
        "rows_with_files": [row for section in sections for row in section.rows if row.files],
        # Those that the reader received: an invité, their own.
        "courriels": Courriel.objects.for_reference(courriel_reference(pk))
        .filter(to_email=request.user.email)
        .order_by("created_at", "pk"),
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


@not_found_when_deleted
def brouillon_delete(request, pk):
    """Ask once, then delete a brouillon for good."""
    dossier = shared_dossier(request.user, pk)
    if not policies.can_delete(request.user, dossier):
        raise PermissionDenied
    if request.method == "POST":
        delete_brouillon(pk, by=request.user)
        messages.success(request, f"Le brouillon nº {pk} est supprimé.")
        return redirect("dossiers:dossier_list")
    return render(request, "dossiers/brouillon_delete.html", {"dossier": dossier})
