"""A dossier, all of it on one page."""

from typing import Any

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from courriels.models import Courriel
from dossiers.adaptation import adapt_reponses
from dossiers.anciennes_reponses import anciennes_reponses
from dossiers.attestations import attestation_of
from dossiers.demande import Section, sections_of
from dossiers.essais import tests_url
from dossiers.models import Dossier
from dossiers.suites import linked_dossiers
from dossiers.workflow import courriel_reference
from instruction.annotations import annotations_context, former_annotations
from instruction.decisions import action_menu
from instruction.listing import Listing, onglet_of
from instruction.views.retraits import say_withdrawn


@require_safe
@say_withdrawn
def dossier_detail(request, pk):
    """Show a submitted dossier, its history, its emails and what I may do."""
    dossier = get_object_or_404(Dossier.with_tests.examined_by(request.user).with_detail(), pk=pk)
    adapt_reponses(dossier)
    sections = sections_of(dossier)
    context = {
        **page_context(request, dossier, "demande"),
        "attestation": attestation_of(dossier),
        "sections": sections,
        "decision_documents": dossier.documents_decision.all(),
        "anciennes": anciennes_reponses(dossier),
        "anciennes_annotations": former_annotations(request.user, dossier),
        "linked": linked_numbers(request.user, sections),
        "suites": linked_dossiers(request.user, dossier),
        "annotations": annotations_context(request.user, dossier),
        "courriels": Courriel.objects.for_reference(courriel_reference(dossier.pk))
        .defer("body_html", "last_error")
        .order_by("-created_at", "-pk"),
    }
    return render(request, "instruction/dossier_detail.html", context)


def page_context(request, dossier: Dossier, tab: str) -> dict[str, Any]:
    """Return what every page of a dossier shows: its head, the decision menu, its neighbours.

    `tab` names the page in `instruction/includes/dossier_tabs.html`; the template extends
    `instruction/dossier_page.html`.
    """
    listing = Listing.read(request.GET, default=onglet_of(dossier))
    previous, following = dossiers_beside(request.user, dossier, listing)
    return {
        "dossier": dossier,
        "tab": tab,
        "dossier_label": f"Dossier nº {dossier.pk}",
        "listing": listing,
        "list_url": list_url(request.user, dossier, listing),
        "previous_url": dossier_url(previous, listing),
        "next_url": dossier_url(following, listing),
        "menu": action_menu(request.user, dossier),
        "is_latest_form": dossier.revision_id == dossier.procedure.published_revision_id,
    }


def linked_numbers(user, sections: list[Section]) -> set[int]:
    """Return the numbers of the dossiers that the answers name and that `user` may read too."""
    named = {row.linked_dossier for section in sections for row in section.all_rows} - {None}
    if not named:
        return set()
    return set(
        Dossier.objects.instructed_by(user).filter(pk__in=named).values_list("pk", flat=True)
    )


def dossiers_beside(user, dossier: Dossier, listing: Listing) -> tuple:
    """Return the dossiers before and after this one in the list the person came from.

    A test is in no list.
    """
    if dossier.is_test:
        return None, None
    if listing.everywhere:
        return listing.beside(Dossier.objects.instructed_by(user), dossier)
    return listing.beside(Dossier.objects.in_groupes_of(user, dossier.procedure), dossier)


def dossier_url(dossier: Dossier | None, listing: Listing) -> str:
    """Return the address of a dossier that remembers the list, an empty string for None."""
    if dossier is None:
        return ""
    return reverse("instruction:dossier_detail", args=[dossier.pk]) + listing.query_string


def list_url(user, dossier: Dossier, listing: Listing) -> str:
    """Return the address of the list the person came from, of their tests for a test."""
    if dossier.is_test:
        return tests_url(user, dossier)
    if listing.everywhere:
        return reverse("instruction:dossier_search") + listing.query_string
    return reverse("instruction:dossier_list", args=[dossier.procedure_id]) + listing.query_string
