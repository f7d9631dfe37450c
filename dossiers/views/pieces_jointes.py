"""Files of a dossier: joined, removed, downloaded."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from dossiers import pieces_jointes
from dossiers.models import Dossier, PieceJointe
from dossiers.telechargement import serve, serve_preview
from dossiers.views.fetch import (
    fillable_dossier,
    frozen_message,
    not_found_when_deleted,
    shared_dossier,
)
from dossiers.views.saisie import edit_url, part_of_page, progress_context, save_form


@require_POST
@not_found_when_deleted
def piece_jointe_add(request, pk, champ_id):
    """Join the posted files to a champ; without JavaScript the whole form comes and is saved."""
    dossier = fillable_dossier(request.user, pk)
    champ = dossier.questionnaire.by_id.get(champ_id)
    if champ is None or not champ.holds_files:
        raise Http404
    if not dossier.is_editable:
        return _refuse_frozen(request, dossier, champ_id)
    if not request.htmx:
        save_form(request, dossier)
        return redirect(edit_url(dossier, f"champ-{champ_id}"))
    uploads = request.FILES.getlist(champ.field_name)
    errors = [] if uploads else ["Choisissez un fichier."]
    try:
        refused = pieces_jointes.attach_all(dossier.pk, champ, uploads, by=request.user)
    except PermissionDenied:
        return _refuse_frozen(request, dossier, champ_id)
    errors += [f"« {name} » : {reason}" for name, reason in refused]
    return champ_part(request, dossier.pk, champ_id, errors)


@require_POST
@not_found_when_deleted
def piece_jointe_delete(request, pk):
    """Remove a file; without JavaScript the whole form comes and is saved first."""
    piece_jointe = get_object_or_404(
        PieceJointe.objects.of_dossiers(Dossier.with_tests.filled_in_by(request.user)), pk=pk
    )
    dossier = fillable_dossier(request.user, piece_jointe.dossier_id)
    champ_id = piece_jointe.champ_id
    if champ_id not in dossier.questionnaire.by_id:  # kept, unseen
        raise Http404
    if not dossier.is_editable:
        return _refuse_frozen(request, dossier, champ_id)
    if not request.htmx:
        save_form(request, dossier)
    errors = []
    try:
        pieces_jointes.remove(piece_jointe, by=request.user)
    except ValidationError as error:
        errors = error.messages
    except PermissionDenied:
        return _refuse_frozen(request, dossier, champ_id)
    if request.htmx:
        return champ_part(request, dossier.pk, champ_id, errors)
    for error in errors:
        messages.error(request, error)
    return redirect(edit_url(dossier, f"champ-{champ_id}"))


@require_safe
def piece_jointe_download(request, pk):
    """Give a file to those who may read the dossier, always to be saved, never to be run."""
    return serve(request, _readable(request.user, pk))


@require_safe
def piece_jointe_preview(request, pk):
    """Show the small image of a file to those who may read the dossier."""
    return serve_preview(_readable(request.user, pk))


@never_cache
@require_safe
def piece_jointe_state(request, pk):
    """Show again the line of a file that was being scanned; in the form, what that changes."""
    piece_jointe = _readable(request.user, pk)
    context = {
        "file": piece_jointe,
        "in_form": "formulaire" in request.GET,
        "is_settled": not piece_jointe.is_changing,
        "is_told": False,
    }
    if context["in_form"] and piece_jointe.is_refused:
        dossier = shared_dossier(request.user, piece_jointe.dossier_id)
        if piece_jointe.champ_id in dossier.questionnaire.by_id:
            context |= {"is_told": True} | progress_context(dossier, piece_jointe.champ_id)
    return part_of_page("dossiers/includes/file_changed.html", context)


def champ_part(request, dossier_id: int, champ_id: str, errors: list[str] | None = None):
    """Return the files of the champ and the progress of its section, as the page shows them."""
    dossier = fillable_dossier(request.user, dossier_id)
    if champ_id not in dossier.questionnaire.by_id:  # it left the form meanwhile
        raise Http404
    context = progress_context(dossier, champ_id)
    row = next(row for row in context["section"].all_rows if row.champ.id == champ_id)
    context |= {"row": row, "errors": errors or []}
    return part_of_page("dossiers/includes/piece_jointe_saved.html", context)


def _readable(user, pk: int) -> PieceJointe:
    """Return a file of a dossier that `user` may read. Raises Http404."""
    return get_object_or_404(PieceJointe.objects.readable_by(user), pk=pk)


def _refuse_frozen(request, dossier: Dossier, champ_id: str):
    dossier.refresh_from_db(fields=["state"])
    if request.htmx:
        champ = dossier.questionnaire.by_id[champ_id]
        context = {"champ": champ, "message": frozen_message(dossier)}
        return part_of_page("dossiers/includes/reponse_refused.html", context, status=409)
    messages.warning(request, frozen_message(dossier))
    return redirect(dossier)
