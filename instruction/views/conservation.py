"""How long a terminé is kept: what an accompagnateur does about it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.utils.formats import date_format
from django.views.decorators.http import require_POST

from dossiers.conservation import keep_longer
from dossiers.views.fetch import not_found_when_deleted
from instruction.listing import Listing, onglet_of
from instruction.views.actions import decidable_dossier
from instruction.views.detail import dossier_url
from instruction.views.retraits import say_withdrawn


@require_POST
@say_withdrawn
@not_found_when_deleted
def dossier_keep_longer(request, pk):
    """Keep a terminé six months more."""
    dossier = decidable_dossier(request.user, pk)
    listing = Listing.read(request.GET, default=onglet_of(dossier))
    try:
        kept = keep_longer(dossier.pk, by=request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        until = date_format(kept.kept_until, "d/m/Y")
        messages.success(request, f"Le dossier nº {pk} est conservé jusqu’au {until}.")
    return redirect(dossier_url(dossier, listing))
