"""Filling in: the whole form at once, or one answer as it is typed."""

import secrets

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from dossiers import pieces_jointes
from dossiers.auteurs import PAGE_MAX
from dossiers.completeness import ineligibility_messages, sections_of
from dossiers.demande import Problem
from dossiers.forms import ReponsesForm
from dossiers.models import Dossier
from dossiers.nouveautes import changed_since, read_moment
from dossiers.preremplis import prefilled_of
from dossiers.presence import note_presence
from dossiers.reponses import Conflict, Saved, save_reponses
from dossiers.views.corrections import CORRECTED, give_back
from dossiers.views.fetch import (
    FrozenDossier,
    editable_dossier,
    fillable_dossier,
    frozen_message,
    not_found_when_deleted,
    redirect_frozen,
)
from dossiers.views.identification import TOO_MANY, look_up_posted
from dossiers.views.removed_row import removed_row_of
from dossiers.views.suspendu import resume, suspend
from procedures import formulaires_vierges
from procedures.essais import remember_link

REVIEW = "verifier"
# Given at once to a page left open while others filled in; the rest comes with the next ones.
ROWS_MAX = 40
CONFLICT = "Choisissez entre votre réponse et celle qui a été enregistrée entre-temps."


@never_cache
@login_not_required
@not_found_when_deleted
@redirect_frozen
def dossier_edit(request, pk):
    """Show the form of a dossier, or save the whole of it."""
    if not request.user.is_authenticated:
        return suspend(request, pk) if request.method == "POST" else redirect_to_login(request.path)
    dossier = editable_dossier(request.user, pk)
    if request.method == "POST":
        return _save(request, dossier)
    if not dossier.is_identified:
        return redirect("dossiers:dossier_identify", dossier.pk)
    typed = resume(request, pk)
    if typed is not None:
        return _save_suspended(request, dossier, typed)
    return _page(request, dossier)


def _page(request, dossier: Dossier, conflicts: dict[str, Conflict] | None = None):
    """Show the form; each conflict with what was typed and the choice to make."""
    dossier.conflicts = conflicts or {}
    formulaires_vierges.attach(dossier.revision.formulaire)
    if dossier.is_test:
        remember_link(request.session, dossier.procedure)
    form = ReponsesForm(dossier)
    context = {
        "dossier": dossier,
        "tab": "demande",
        "form": form,
        "page": secrets.token_hex(8),
        "since": timezone.now().isoformat(),
        "sections": sections_of(dossier),
        "refusals": [
            Problem(form.errors[champ.field_name][0], champ) for champ in form.refused_champs
        ],
        "conflicts": [Problem(CONFLICT, champ) for champ in form.champs if champ.id in conflicts]
        if conflicts
        else [],
        "ineligibilities": ineligibility_messages(dossier),
        "removed_row": removed_row_of(request, dossier),
        "prefilled": prefilled_of(dossier),
    }
    return render(request, "dossiers/dossier_edit.html", context, status=409 if conflicts else 200)


@require_http_methods(["GET", "POST"])
@not_found_when_deleted
def reponse_save(request, pk, champ_id):
    """Save one answer and return its status, its error and the progress of its section.

    A GET gives the question as it now stands, for the page to take the place of its own.
    """
    dossier = fillable_dossier(request.user, pk)
    champ = dossier.questionnaire.by_id.get(champ_id)
    if champ is None or not champ.holds_answer:
        raise Http404
    if request.method == "GET":
        context = rows_context(dossier, [champ_id])
        return part_of_page("dossiers/includes/champ_rows.html", context)
    is_looked_up = look_up_posted(request, dossier, {champ_id})
    try:
        outcomes = save_reponses(pk, request.POST, by=request.user, champ_ids={champ_id})
    except PermissionDenied:
        dossier.refresh_from_db(fields=["state"])
        context = {"champ": champ, "message": frozen_message(dossier)}
        return part_of_page("dossiers/includes/reponse_refused.html", context, status=409)
    if not outcomes:  # the question left the form meanwhile
        raise Http404
    saved = outcomes[0]
    dossier = fillable_dossier(request.user, pk)
    if not request.htmx:
        if saved.conflict:
            return _page(request, dossier, {champ_id: saved.conflict})
        return redirect(edit_url(dossier, f"champ-{champ_id}"))
    if saved.conflict:
        context = {"champ": champ, "conflict": saved.conflict}
        return part_of_page("dossiers/includes/reponse_conflict.html", context, status=409)
    if not is_looked_up:
        saved.errors.append(TOO_MANY)
    context = {
        "saved": saved,
        "answer": dossier.reponses.get(champ_id),
        **progress_context(dossier, champ_id),
    }
    return part_of_page("dossiers/includes/reponse_saved.html", context)


@require_safe
@never_cache
@not_found_when_deleted
def nouveaute_list(request, pk):
    """Tell an open page who else is there, and give the questions answered elsewhere since."""
    dossier = fillable_dossier(request.user, pk)
    if not dossier.is_editable:
        context = {"message": frozen_message(dossier)}
        return part_of_page("dossiers/includes/reponse_refused.html", context)
    page = request.GET.get("page", "")[:PAGE_MAX]
    since, now = read_moment(request.GET.get("depuis", "")), timezone.now()
    changed = changed_since(dossier, since, page=page, user=request.user) if since else []
    context = {
        "presence": note_presence(pk, page, user=request.user) if page else None,
        "since": now.isoformat(),
        "rows": [],
    }
    if changed:
        context |= rows_context(dossier, changed[:ROWS_MAX])
        context |= progress_context(dossier, changed[0])
    return part_of_page("dossiers/includes/nouveautes.html", context)


def rows_context(dossier: Dossier, champ_ids: list[str]) -> dict:
    """Return what some questions of the form are rendered with, their answers in them."""
    formulaires_vierges.attach(dossier.revision.formulaire)
    rows = {row.champ.id: row for section in sections_of(dossier) for row in section.all_rows}
    wanted = [rows[champ_id] for champ_id in champ_ids if champ_id in rows]
    asked = {inner.champ.id for row in wanted for ligne in row.lignes for inner in ligne.rows}
    form = ReponsesForm(dossier, only={row.champ.id for row in wanted} | asked)
    return {"rows": wanted, "form": form, "dossier": dossier}


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


def save_form(request, dossier: Dossier) -> dict[str, Conflict] | None:
    """Save every answer and file of a posted form; say what was refused, in messages.

    Return the conflicts, of which nothing was saved, or None when something else was refused.
    Raises FrozenDossier when it was frozen meanwhile.
    """
    if not look_up_posted(request, dossier):
        messages.warning(request, TOO_MANY)
    try:
        outcomes = save_reponses(dossier.pk, request.POST, by=request.user)
        refusals = _attach_all(request, dossier)
    except PermissionDenied:
        dossier.refresh_from_db(fields=["state"])
        raise FrozenDossier(dossier) from None
    for refusal in refusals:
        messages.error(request, refusal)
    conflicts = _conflicts_of(outcomes)
    if not conflicts and (refusals or any(outcome.errors for outcome in outcomes)):
        return None
    return conflicts


def _conflicts_of(outcomes: list[Saved]) -> dict[str, Conflict]:
    return {outcome.champ.id: outcome.conflict for outcome in outcomes if outcome.conflict}


def _save_suspended(request, dossier: Dossier, typed: QueryDict):
    """Save what was typed before the session ended."""
    outcomes = save_reponses(dossier.pk, typed, by=request.user)
    messages.success(
        request, "Ce que vous aviez saisi avant la fin de votre session est repris et enregistré."
    )
    conflicts = _conflicts_of(outcomes)
    if conflicts:
        return _page(request, fillable_dossier(request.user, dossier.pk), conflicts)
    return redirect(edit_url(dossier))


def _save(request, dossier: Dossier):
    conflicts = save_form(request, dossier)
    if conflicts:
        return _page(request, fillable_dossier(request.user, dossier.pk), conflicts)
    if conflicts is None:
        messages.warning(
            request,
            "Vos réponses sont enregistrées, mais certaines sont à corriger : "
            "elles sont signalées ci-dessous.",
        )
        return redirect(f"{edit_url(dossier)}?erreurs=1")
    if request.POST.get("suite") == REVIEW:
        return redirect("dossiers:dossier_review", dossier.pk)
    if request.POST.get("suite") == CORRECTED:
        return give_back(request, fillable_dossier(request.user, dossier.pk))
    if dossier.is_brouillon:
        messages.success(
            request, "Votre brouillon est enregistré. Vous pouvez y revenir plus tard."
        )
    else:
        messages.success(
            request,
            "Vos modifications sont enregistrées : le service ne les verra que lorsqu’elles "
            "seront déposées.",
        )
    return redirect(edit_url(dossier))


def _attach_all(request, dossier: Dossier) -> list[str]:
    """Attach the files of the posted form; return what is said of those that were refused."""
    refusals = []
    for champ in dossier.questionnaire.champs:
        uploads = request.FILES.getlist(champ.field_name) if champ.holds_files else []
        refused = pieces_jointes.attach_all(dossier.pk, champ, uploads, by=request.user)
        refusals += [f"« {name} » n’a pas été joint. {reason}" for name, reason in refused]
    return refusals
