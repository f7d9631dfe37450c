"""Filling in: the whole form at once, or one answer as it is typed."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from dossiers import pieces_jointes
from dossiers.adaptation import adapt_reponses
from dossiers.completeness import ineligibility_messages, sections_of
from dossiers.demande import Problem
from dossiers.forms import ReponsesForm
from dossiers.models import Dossier
from dossiers.preremplis import prefilled_of
from dossiers.reponses import Saved, save_reponses
from dossiers.views.fetch import (
    FrozenDossier,
    editable_dossier,
    frozen_message,
    not_found_when_deleted,
    owned_dossier,
    redirect_frozen,
)
from dossiers.views.identification import TOO_MANY, look_up_posted
from dossiers.views.removed_row import removed_row_of
from procedures import formulaires_vierges
from procedures.essais import remember_link

REVIEW = "verifier"


@never_cache
@not_found_when_deleted
@redirect_frozen
def dossier_edit(request, pk):
    """Show the form of a dossier, or save the whole of it."""
    dossier = editable_dossier(request.user, pk)
    if request.method == "POST":
        return _save(request, dossier)
    if not dossier.is_identified:
        return redirect("dossiers:dossier_identify", dossier.pk)
    formulaires_vierges.attach(dossier.revision.formulaire)
    if dossier.is_test:
        remember_link(request.session, dossier.procedure)
    form = ReponsesForm(dossier)
    context = {
        "dossier": dossier,
        "tab": "demande",
        "form": form,
        "sections": sections_of(dossier),
        "refusals": [
            Problem(form.errors[champ.field_name][0], champ) for champ in form.refused_champs
        ],
        "ineligibilities": ineligibility_messages(dossier),
        "removed_row": removed_row_of(request, dossier),
        "prefilled": prefilled_of(dossier),
    }
    return render(request, "dossiers/dossier_edit.html", context)


@require_POST
@not_found_when_deleted
def reponse_save(request, pk, champ_id):
    """Save one answer and return its status, its error and the progress of its section."""
    dossier = owned_dossier(request.user, pk)
    champ = dossier.questionnaire.by_id.get(champ_id)
    if champ is None or not champ.holds_answer:
        raise Http404
    is_looked_up = look_up_posted(request, dossier, {champ_id})
    try:
        outcomes = save_reponses(pk, request.POST, by=request.user, champ_ids={champ_id})
    except PermissionDenied:
        dossier.refresh_from_db(fields=["state"])
        context = {"champ": champ, "message": frozen_message(dossier)}
        return part_of_page("dossiers/includes/reponse_refused.html", context, status=409)
    if not outcomes:  # the question left the form meanwhile
        raise Http404
    if not request.htmx:
        return redirect(edit_url(dossier, f"champ-{champ_id}"))
    if not is_looked_up:
        outcomes[0].errors.append(TOO_MANY)
    dossier.refresh_from_db(fields=["reponses", "saisies_refusees", "updated_at"])
    adapt_reponses(dossier)
    context = {
        "saved": outcomes[0],
        "answer": dossier.reponses.get(champ_id),
        **progress_context(dossier, champ_id),
    }
    return part_of_page("dossiers/includes/reponse_saved.html", context)


def part_of_page(template_name: str, context: dict, *, status: int = 200) -> HttpResponse:
    """Render parts of the form without what only whole pages need, such as the menu of spaces."""
    return HttpResponse(render_to_string(template_name, context), status=status)


def progress_context(dossier: Dossier, champ_id: str) -> dict:
    """Return what the table of contents shows of the section that holds a champ."""
    sections = sections_of(dossier)
    section = next(
        item for item in sections if any(row.champ.id == champ_id for row in item.all_rows)
    )
    # An answer that others depend on may change what every section asks.
    is_conditional = bool(dossier.questionnaire.conditions)
    return {
        "dossier": dossier,
        "section": section,
        "changed_sections": sections if is_conditional else [section],
        "hidden": sorted(dossier.questionnaire.hidden),
        "ineligibilities": ineligibility_messages(dossier),
    }


def edit_url(dossier: Dossier, anchor: str = "") -> str:
    """Return the address of the form, at the place of a champ."""
    url = reverse("dossiers:dossier_edit", args=[dossier.pk])
    return f"{url}#{anchor}" if anchor else url


def save_form(request, dossier: Dossier) -> bool:
    """Save every answer and file of a posted form; say what was refused, in messages.

    Return whether everything was taken. Raises FrozenDossier when it was frozen meanwhile.
    """
    if not look_up_posted(request, dossier):
        messages.warning(request, TOO_MANY)
    try:
        outcomes = save_reponses(dossier.pk, request.POST, by=request.user)
        refusals = _attach_all(request, dossier)
    except PermissionDenied:
        dossier.refresh_from_db(fields=["state"])
        raise FrozenDossier(dossier) from None
    for outcome in outcomes:
        if outcome.replaced:
            messages.warning(request, _replaced_message(outcome))
    for refusal in refusals:
        messages.error(request, refusal)
    return not refusals and not any(outcome.errors for outcome in outcomes)


def _save(request, dossier: Dossier):
    is_taken = save_form(request, dossier)
    if not is_taken:
        messages.warning(
            request,
            "Vos réponses sont enregistrées, mais certaines sont à corriger : "
            "elles sont signalées ci-dessous.",
        )
        return redirect(f"{edit_url(dossier)}?erreurs=1")
    if request.POST.get("suite") == REVIEW and dossier.is_brouillon:
        return redirect("dossiers:dossier_review", dossier.pk)
    if dossier.is_brouillon:
        messages.success(
            request, "Votre brouillon est enregistré. Vous pouvez y revenir plus tard."
        )
        return redirect(edit_url(dossier))
    messages.success(request, "Vos modifications sont enregistrées.")
    return redirect(dossier)


def _attach_all(request, dossier: Dossier) -> list[str]:
    """Attach the files of the posted form; return what is said of those that were refused."""
    refusals = []
    for champ in dossier.questionnaire.champs:
        uploads = request.FILES.getlist(champ.field_name) if champ.holds_files else []
        refused = pieces_jointes.attach_all(dossier.pk, champ, uploads, by=request.user)
        refusals += [f"« {name} » n’a pas été joint. {reason}" for name, reason in refused]
    return refusals


def _replaced_message(outcome: Saved) -> str:
    return (
        f"« {outcome.champ.label} » avait changé entre-temps dans une autre fenêtre. "
        f"Votre réponse a remplacé : « {outcome.replaced} »."
    )
