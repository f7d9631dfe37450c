"""The legal deadline of a dossier: what an accompagnateur does about it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from dossiers.echeances import declare_complete
from dossiers.views.fetch import not_found_when_deleted
from instruction.listing import Listing, onglet_of
from instruction.views.actions import decidable_dossier
from instruction.views.detail import dossier_url
from instruction.views.retraits import say_withdrawn


@require_POST
@say_withdrawn
@not_found_when_deleted
def dossier_declare_complete(request, pk):
    """Say that a dossier is complete, which begins its legal deadline."""
    dossier = decidable_dossier(request.user, pk)
    listing = Listing.read(request.GET, default=onglet_of(dossier))
    try:
        declare_complete(dossier.pk, by=request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, "Le dossier est déclaré complet : le délai légal commence.")
    return redirect(dossier_url(dossier, listing))
