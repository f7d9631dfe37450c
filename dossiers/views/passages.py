"""The automatic passages en instruction of a procédure, for those who design or instruct it."""

from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from dossiers.models import PassageEchec
from procedures.models import Procedure
from procedures.policies import can_administer, can_instruct

PASSAGES_SHOWN = 10


@never_cache
@require_safe
@vary_on_headers("HX-Request")
def passage_list(request, pk):
    """Show what is planned, how far the running passage is, and the results of the others."""
    procedure = get_object_or_404(
        Procedure.objects.followed_by(request.user).select_related("organisme"), pk=pk
    )
    echecs = PassageEchec.objects.select_related("dossier")
    passages = list(
        procedure.passages.prefetch_related(Prefetch("echecs", echecs))[:PASSAGES_SHOWN]
    )
    begun = {passage.planned_at for passage in passages}
    planned_at = procedure.passage_at if procedure.passage_at not in begun else None
    context = {
        "procedure": procedure,
        "passages": passages,
        "planned_at": planned_at,
        "is_live": any(not passage.is_finished for passage in passages)
        or (planned_at is not None and not procedure.is_passage_to_come),
        "may_instruct": can_instruct(request.user, procedure.pk),
        "may_administer": (may_administer := can_administer(request.user, procedure)),
        # The page is of the dossiers, yet no usager opens it.
        "space": "procedures" if may_administer else "instruction",
    }
    part = request.htmx and not request.htmx.history_restore_request
    name = "includes/passages" if part else "passage_list"
    return render(request, f"dossiers/{name}.html", context)
