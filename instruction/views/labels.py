"""The labels of a dossier, put on and taken off by those who examine it."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from dossiers.labels import change_labels
from dossiers.views.fetch import not_found_when_deleted
from instruction.listing import Listing, onglet_of
from instruction.templatetags.labels import label_menu
from instruction.views.actions import decidable_dossier
from instruction.views.detail import dossier_url
from instruction.views.retraits import say_withdrawn

LABELS_SENT_MAX = 200


@require_POST
@say_withdrawn
@not_found_when_deleted
def labels_change(request, pk):
    """Keep the boxes that were ticked or unticked since the page was shown."""
    dossier = decidable_dossier(request.user, pk)
    ticked, seen = _ids(request, "labels"), _ids(request, "vus")
    change_labels(pk, put=ticked - seen, taken=seen - ticked, by=request.user)
    listing = Listing.read(request.GET, default=onglet_of(dossier))
    if request.htmx:
        context = {
            "menu": label_menu(dossier, request.user),
            "dossier": dossier,
            "query": listing.query_string,
            "is_changed": True,
        }
        return render(request, "instruction/includes/label_menu.html", context)
    messages.success(request, "Les labels sont enregistrés.")
    return redirect(dossier_url(dossier, listing))


def _ids(request, name: str) -> set[int]:
    sent = request.POST.getlist(name)[:LABELS_SENT_MAX]
    return {int(it) for it in sent if it.isascii() and it.isdigit() and len(it) < 10}
