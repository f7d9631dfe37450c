"""The company of a dossier: its data, their age, asking for them again."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_ratelimit.core import is_ratelimited

from dossiers import policies
from dossiers.models import Dossier
from dossiers.views.fetch import not_found_when_deleted
from entreprise_api.models import Etablissement
from instruction import actualisations
from instruction.listing import Listing, onglet_of
from instruction.views.actions import decidable_dossier
from instruction.views.detail import dossier_url
from instruction.views.retraits import say_withdrawn

REFRESH_RATE = "20/h"
TOO_MANY = "Vous avez actualisé beaucoup d’entreprises à la suite. Réessayez dans une heure."


@require_POST
@say_withdrawn
@not_found_when_deleted
def etablissement_refresh(request, pk):
    """Ask for the company of a dossier again."""
    dossier = decidable_dossier(request.user, pk)
    listing = Listing.read(request.GET, default=onglet_of(dossier))
    if is_ratelimited(
        request, group="actualiser", key="user", rate=REFRESH_RATE, method="POST", increment=True
    ):
        messages.error(request, TOO_MANY)
        return redirect(dossier_url(dossier, listing))
    try:
        actualisations.ask(pk, by=request.user)
    except Etablissement.DoesNotExist:
        raise Http404 from None
    return redirect(f"{dossier_url(dossier, listing)}#entreprise")


@never_cache
@require_safe
def etablissement_detail(request, pk):
    """Show the panel of the company again, for a page that waits for its new data."""
    dossiers = Dossier.objects.examined_by(request.user).with_people()
    dossier = get_object_or_404(dossiers.exclude(etablissement=None), pk=pk)
    context = {
        "dossier": dossier,
        "actualisation": actualisations.actualisation_of(dossier),
        "query": Listing.read(request.GET, default=onglet_of(dossier)).query_string,
        "can_decide": policies.can_decide(request.user, dossier),
        "announce": True,
    }
    return render(request, "instruction/includes/entreprise.html", context)
