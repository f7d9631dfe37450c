"""The rows of a bloc répétable, in the form: each act saves the form or answers with its parts."""

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from dossiers import lignes
from dossiers.demande import ChampRow, Ligne
from dossiers.forms import ReponsesForm
from dossiers.models import Dossier
from dossiers.views.fetch import fillable_dossier, frozen_message, not_found_when_deleted
from dossiers.views.removed_row import RemovedRow, read_place
from dossiers.views.saisie import (
    edit_url,
    part_of_page,
    progress_context,
    save_form,
)
from procedures import formulaires_vierges

STEPS = {"haut": -1, "bas": 1}


@require_POST
@not_found_when_deleted
def ligne_add(request, pk, bloc_id):
    """Add a row at the end of a bloc."""
    return _act(request, pk, bloc_id, lambda: lignes.add_row(pk, bloc_id, by=request.user))


@require_POST
@not_found_when_deleted
def ligne_restore(request, pk, bloc_id, row_id):
    """Put a removed row back where it stood."""
    place = read_place(request.POST.get("place", ""))

    def act():
        lignes.restore_row(pk, bloc_id, row_id, place, by=request.user)
        return row_id

    return _act(request, pk, bloc_id, act)


@require_POST
@not_found_when_deleted
def ligne_remove(request, pk, bloc_id, row_id):
    """Take a row out; it can be put back."""
    places = []

    def act():
        places.append(lignes.remove_row(pk, bloc_id, row_id, by=request.user))
        return

    return _act(request, pk, bloc_id, act, removed=(row_id, places))


@require_POST
@not_found_when_deleted
def ligne_move(request, pk, bloc_id, row_id):
    """Move a row one place up or down."""

    def act():
        step = STEPS.get(request.POST.get("sens"))
        if step is None:
            raise BadRequest("Indiquez dans quel sens déplacer la ligne.")
        lignes.move_row(pk, bloc_id, row_id, step, by=request.user)
        return

    return _act(request, pk, bloc_id, act)


def _act(request, pk: int, bloc_id: str, act, *, removed=None):
    """Carry out an act on the rows; without JavaScript the whole form comes and is saved first."""
    dossier = fillable_dossier(request.user, pk)
    bloc = dossier.revision.formulaire.by_id.get(bloc_id)
    if bloc is None or not bloc.is_bloc:
        raise Http404
    if not dossier.is_editable:
        return _refuse_frozen(request, dossier)
    if not request.htmx:
        save_form(request, dossier)
    row_id, refusal = None, ""
    try:
        row_id = act()
    except PermissionDenied:
        return _refuse_frozen(request, dossier)
    except lignes.BlocNotFound:
        raise Http404 from None
    except ValidationError as error:
        refusal = " ".join(error.messages)
    removed_row = None
    if removed is not None and removed[1] and removed[1][0] is not None:
        removed_row = RemovedRow(bloc, removed[0], removed[1][0])
    if request.htmx:
        return _parts(request, pk, bloc_id, row_id, refusal=refusal, removed_row=removed_row)
    if refusal:
        messages.error(request, refusal)
    anchor = f"ligne-{bloc_id}-{row_id}" if row_id else f"champ-{bloc_id}"
    if removed_row is None:
        return redirect(edit_url(dossier, anchor))
    undo = f"{bloc_id}.{removed_row.id}.{removed_row.place}"
    return redirect(f"{edit_url(dossier)}?retiree={undo}#{anchor}")


def _parts(request, pk: int, bloc_id: str, row_id: str | None, *, refusal: str, removed_row):
    """Return the row that came, or what is said of the one that left, and the progress."""
    dossier = fillable_dossier(request.user, pk)
    formulaires_vierges.attach(dossier.revision.formulaire)
    context = progress_context(dossier, bloc_id) | {
        "bloc": dossier.revision.formulaire.by_id[bloc_id],
        "refusal": refusal,
        "removed_row": removed_row,
    }
    ligne, place = _ligne_of(context["section"].rows, bloc_id, row_id)
    if ligne is None:
        return part_of_page("dossiers/includes/ligne_changed.html", context)
    context |= {"form": ReponsesForm(dossier), "ligne": ligne, "place": place}
    return part_of_page("dossiers/includes/ligne_added.html", context)


def _ligne_of(rows: list[ChampRow], bloc_id: str, row_id: str | None) -> tuple[Ligne | None, int]:
    row = next(row for row in rows if row.champ.id == bloc_id)
    for place, ligne in enumerate(row.lignes):
        if ligne.row.id == row_id:
            return ligne, place
    return None, 0


def _refuse_frozen(request, dossier: Dossier):
    dossier.refresh_from_db(fields=["state"])
    if request.htmx:
        context = {"message": frozen_message(dossier)}
        return part_of_page("dossiers/includes/reponse_refused.html", context, status=409)
    messages.warning(request, frozen_message(dossier))
    return redirect(dossier)
