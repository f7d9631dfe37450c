"""Giving a dossier to another groupe of its procédure."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from dossiers import policies
from dossiers.changement_de_groupe import change_groupe, other_groupes
from dossiers.views.fetch import not_found_when_deleted
from instruction.forms_groupe import GroupeChangeForm
from instruction.listing import Listing, onglet_of
from instruction.views.actions import decidable_dossier
from instruction.views.detail import dossier_url, list_url
from instruction.views.retraits import say_withdrawn
from procedures.models import Groupe


@require_http_methods(["GET", "HEAD", "POST"])
@say_withdrawn
@not_found_when_deleted
def groupe_change(request, pk):
    """Choose the groupe that takes a dossier and say why; back to the list if it is lost to me."""
    dossier = decidable_dossier(request.user, pk)
    if not policies.can_change_groupe(request.user, dossier):
        raise PermissionDenied
    listing = Listing.read(request.GET, default=onglet_of(dossier))
    mine = set(Groupe.objects.of_member(request.user).values_list("pk", flat=True))
    form = GroupeChangeForm(request.POST or None, groupes=other_groupes(dossier), mine=mine)
    if request.method == "POST" and form.is_valid():
        groupe = form.cleaned_data["groupe"]
        reason = form.cleaned_data["reason"]
        still_seen = change_groupe(pk, groupe, by=request.user, reason=reason)
        done = f"Le dossier nº {pk} va au groupe « {groupe} »."
        messages.success(request, done if still_seen else f"{done} Vous ne le voyez plus.")
        if still_seen:
            return redirect(dossier_url(dossier, listing))
        return redirect(list_url(request.user, dossier, listing))
    context = {
        "dossier": dossier,
        "form": form,
        "dossier_label": f"Dossier nº {pk}",
        "dossier_url": dossier_url(dossier, listing),
        "list_url": list_url(request.user, dossier, listing),
        "query": listing.query_string,
    }
    status = 422 if form.is_bound else 200
    return render(request, "instruction/groupe_change.html", context, status=status)
