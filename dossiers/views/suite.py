"""Going on with the procédure that follows."""

from django.contrib import messages
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from dossiers.enchainements import begin_next
from dossiers.views.fetch import not_found_when_deleted
from dossiers.workflow import TransitionRefused


@require_POST
@not_found_when_deleted
def suite_begin(request, pk):
    """Begin the dossier that follows mine, or lead to the one already begun."""
    try:
        following = begin_next(pk, by=request.user)
    except TransitionRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("dossiers:dossier_detail", pk)
    if following.is_brouillon and not following.is_identified:
        return redirect("dossiers:dossier_identify", following.pk)
    return redirect(following)
