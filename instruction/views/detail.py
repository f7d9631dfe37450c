"""The demande of a dossier, and what every page of a dossier shows."""

from typing import Any

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dossiers.adaptation import adapt_reponses
from dossiers.anciennes_reponses import anciennes_reponses
from dossiers.attestations import attestation_of
from dossiers.demande import Section, sections_of
from dossiers.essais import tests_url
from dossiers.models import Dossier
from dossiers.suites import linked_dossiers
from instruction import visites
from instruction.actualisations import actualisation_of
from instruction.changements import (
    baseline_of,
    changes_since,
    demandeur_change_of,
    recall_of,
)
from instruction.decisions import action_menu
from instruction.listing import Listing, onglet_of
from instruction.nouveautes import news_of
from instruction.views.retraits import say_withdrawn


@never_cache
@require_safe
@say_withdrawn
def dossier_detail(request, pk):
    """Show what was filed, and what changed since my last visit, which it is from now on."""
    opened_at = timezone.now()
    dossier = get_object_or_404(Dossier.with_tests.examined_by(request.user).with_demande(), pk=pk)
    adapt_reponses(dossier)
    sections = sections_of(dossier)
    visite = visites.open_demande(request.user, dossier, at=opened_at)
    again = request.GET.get("changements") == "1"
    changements = changes_since(dossier, baseline_of(visite, dossier, again=again))
    context = {
        **page_context(request, dossier, "demande"),
        "changements": changements,
        "demandeur_change": demandeur_change_of(changements),
        "anchors": {f"champ-{row.champ.id}" for section in sections for row in section.asked},
        "recall_at": None if changements else recall_of(visite, dossier),
        "attestation": attestation_of(dossier),
        "sections": sections,
        "decision_documents": dossier.documents_decision.all(),
        "anciennes": anciennes_reponses(dossier),
        "linked": linked_numbers(request.user, sections),
        "suites": linked_dossiers(request.user, dossier),
        "actualisation": actualisation_of(dossier),
    }
    return render(request, "instruction/dossier_detail.html", context)


def page_context(request, dossier: Dossier, tab: str) -> dict[str, Any]:
    """Return what every page of a dossier shows: its head, the decision menu, its neighbours.

    `tab` names the page in `instruction/includes/dossier_tabs.html`; the template extends
    `instruction/dossier_page.html`.
    """
    listing = Listing.read(request.GET, default=onglet_of(dossier))
    previous, following = dossiers_beside(request.user, dossier, listing)
    menu = action_menu(request.user, dossier)
    suivis = [] if dossier.is_test else list(dossier.suivis.select_related("user"))
    return {
        "dossier": dossier,
        "tab": tab,
        "dossier_label": f"Dossier nº {dossier.pk}",
        "listing": listing,
        "list_url": list_url(request.user, dossier, listing),
        "previous_url": dossier_url(previous, listing),
        "next_url": dossier_url(following, listing),
        "menu": menu,
        "has_annotations": menu.can_decide and has_annotations(dossier),
        "news": news_of(request.user, dossier),
        "suivis": suivis,
        "is_followed": any(suivi.user_id == request.user.pk for suivi in suivis),
        "is_latest_form": dossier.revision_id == dossier.procedure.published_revision_id,
    }


def has_annotations(dossier: Dossier) -> bool:
    """Tell whether there is something to annotate, or something noted in what left the form."""
    return bool(dossier.revision.formulaire.annotations or dossier.annotations)


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
    listing = listing.of(user, dossier.procedure)
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
