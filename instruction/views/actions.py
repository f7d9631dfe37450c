"""The actions on a dossier that ask for nothing: each is a POST, then the dossier again."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from dossiers import policies, workflow
from dossiers.adaptation import adapt_reponses
from dossiers.models import Dossier
from dossiers.views.fetch import not_found_when_deleted
from instruction.decisions import LOOKS, done_message
from instruction.listing import Listing, onglet_of
from instruction.views.detail import dossier_url, dossiers_beside, list_url
from instruction.views.retraits import say_withdrawn


@require_POST
@say_withdrawn
def dossier_start_instruction(request, pk):
    """Begin to examine a dossier."""
    return _run(request, pk, workflow.START_INSTRUCTION)


@require_POST
@say_withdrawn
def dossier_return_to_construction(request, pk):
    """Let the usager change the dossier again."""
    return _run(request, pk, workflow.RETURN_TO_CONSTRUCTION)


@require_POST
@say_withdrawn
def dossier_archive(request, pk):
    """Put a dossier away, on top of its status."""
    return _set_archived(request, pk, workflow.archive, "est archivé")


@require_POST
@say_withdrawn
def dossier_unarchive(request, pk):
    """Bring an archived dossier back."""
    return _set_archived(request, pk, workflow.unarchive, "est désarchivé")


def decidable_dossier(user, pk: int) -> Dossier:
    """Return a dossier that `user` may decide; 404 for a stranger, 403 for its own usager."""
    dossiers = Dossier.with_tests.examined_by(user).with_people().select_related("revision")
    dossier = adapt_reponses(get_object_or_404(dossiers, pk=pk))
    if not policies.can_decide(user, dossier):
        raise PermissionDenied
    return dossier


def after_decision(request, action: workflow.Action, dossier: Dossier, listing: Listing) -> str:
    """Say what was decided and return where to go: the next dossier of the list, else the list.

    `dossier` is as it was before: that is where it stood in the list. A test stays where it is.
    """
    url = dossier_url(dossier, listing)
    if dossier.is_test or not action.is_decision:
        messages.success(request, done_message(LOOKS[action.method], dossier))
        return url
    message = done_message(LOOKS[action.method], dossier, url)
    _previous, following = dossiers_beside(request.user, dossier, listing)
    if following is None:
        message = format_html("{} Aucun dossier ne suit dans cette liste.", message)
    messages.success(request, message)
    return dossier_url(following, listing) or list_url(request.user, dossier, listing)


@not_found_when_deleted
def _run(request, pk, action: workflow.Action):
    dossier = decidable_dossier(request.user, pk)
    listing = Listing.read(request.GET, default=onglet_of(dossier))
    try:
        workflow.run(action, dossier.pk, by=request.user)
    except workflow.TransitionRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done_message(LOOKS[action.method], dossier))
    return redirect(dossier_url(dossier, listing))


@not_found_when_deleted
def _set_archived(request, pk, change, done: str):
    dossier = decidable_dossier(request.user, pk)
    listing = Listing.read(request.GET, default=onglet_of(dossier))
    change(dossier.pk, by=request.user)
    messages.success(request, format_html("Le dossier nº {} {}.", dossier.pk, done))
    return redirect(dossier_url(dossier, listing))
