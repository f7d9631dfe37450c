"""Annotations privées: saved one by one as they are typed, or all at once without JavaScript."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from dossiers import policies
from dossiers.adaptation import adapt_reponses
from dossiers.annotations import FeuilleAnnotations, save_annotations
from dossiers.models import Dossier
from dossiers.reponses import Saved
from dossiers.views.fetch import not_found_when_deleted
from instruction import visites
from instruction.annotations import annotations_context, former_annotations
from instruction.views.detail import page_context
from instruction.views.retraits import say_withdrawn

REFUSED = "Les annotations sont enregistrées, sauf celles qui sont signalées : corrigez-les."


@require_POST
@not_found_when_deleted
def annotation_save(request, pk, champ_id):
    """Save one annotation and return its status and its error."""
    dossier = _annotated_dossier(request.user, pk)
    outcomes = save_annotations(pk, request.POST, by=request.user, champ_ids={champ_id})
    if not outcomes:  # no such annotation, or no more
        raise Http404
    conflict = outcomes[0].conflict
    if not conflict:
        visites.note_own_annotation(request.user, dossier)
    if not request.htmx:
        if conflict:
            messages.warning(request, _kept_out(outcomes[0]))
        return redirect(_url(pk, f"champ-{champ_id}"))
    if conflict:
        context = {"champ": outcomes[0].champ, "conflict": conflict}
        return render(request, "dossiers/includes/reponse_conflict.html", context, status=409)
    dossier.refresh_from_db(fields=["annotations", "annotations_refusees"])
    adapt_reponses(dossier)
    hidden = sorted(FeuilleAnnotations(dossier).questionnaire.hidden)
    context = {"saved": outcomes[0], "hidden": hidden}
    return render(request, "instruction/includes/annotation_saved.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@say_withdrawn
@not_found_when_deleted
def annotation_list(request, pk):
    """Show the annotations privées of a dossier; a POST saves all those of the form."""
    if request.method == "POST":
        return _save_all(request, pk)
    dossiers = Dossier.with_tests.examined_by(request.user).with_people().select_related("revision")
    dossier = adapt_reponses(get_object_or_404(dossiers, pk=pk))
    annotations = annotations_context(request.user, dossier)
    if policies.can_annotate(request.user, dossier):
        visites.note(request.user, dossier, visites.ANNOTATIONS)
    context = page_context(request, dossier, "annotations") | {
        "annotations": annotations,
        "anciennes_annotations": former_annotations(request.user, dossier),
    }
    return render(request, "instruction/annotation_list.html", context)


def _save_all(request, pk: int):
    dossier = _annotated_dossier(request.user, pk)
    outcomes = save_annotations(pk, request.POST, by=request.user)
    visites.note_own_annotation(request.user, dossier)
    for outcome in outcomes:
        if outcome.conflict:
            messages.warning(request, _kept_out(outcome))
    if any(outcome.errors for outcome in outcomes):
        messages.warning(request, REFUSED)
    else:
        messages.success(request, "Les annotations sont enregistrées.")
    return redirect(request.get_full_path())


def _kept_out(outcome: Saved) -> str:
    """Say what was not saved because somebody else was faster, so that it can be typed again."""
    conflict = outcome.conflict
    who = conflict.auteur.name if conflict.auteur else "Quelqu’un"
    return (
        f"« {outcome.champ.label} » n’est pas enregistré : {who} y a mis entre-temps "
        f"« {conflict.theirs} ». Votre saisie était : « {conflict.mine} »."
    )


def _annotated_dossier(user, pk: int) -> Dossier:
    dossiers = Dossier.with_tests.examined_by(user).select_related("procedure", "revision")
    dossier = get_object_or_404(dossiers, pk=pk)
    if not policies.can_annotate(user, dossier):
        raise PermissionDenied
    return dossier


def _url(pk: int, anchor: str) -> str:
    return f"{reverse('instruction:annotation_list', args=[pk])}#{anchor}"
