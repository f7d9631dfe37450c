"""Batches: confirming one, watching it, stopping it, reading what became of each dossier."""

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from commun.keyset import paginate
from dossiers.adaptation import adapt_reponses
from instruction.lots import execution
from instruction.lots.actions import ACTIONS, LotAction
from instruction.lots.export import csv_response, dossier_rows, report_rows
from instruction.lots.forms import LotForm
from instruction.lots.models import LigneState, Lot
from instruction.lots.selection import Selection
from instruction.tableaux import listing_of, tableau_of
from procedures.models import Procedure

LOTS_PER_PAGE = 30
SKIPPED_PER_PAGE = 50


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def lot_prepare(request, pk):
    """Say what will be done to how many dossiers, ask for its words, then do it."""
    procedure = _procedure_or_404(request.user, pk)
    selection = Selection.read(request.GET)
    back = _list_url(procedure, selection)
    action = ACTIONS.get(request.GET.get("action", ""))
    dossiers = selection.dossiers(request.user, procedure)
    count = dossiers.order_by().count()
    if action is None or count == 0:
        missing = "Choisissez une action." if count else "Cochez au moins un dossier."
        messages.error(request, missing)
        return redirect(back)
    form = _form(request, action, procedure)
    if request.method == "POST" and "apercu" not in request.POST and form.is_valid():
        try:
            lot = execution.create(
                procedure,
                dossiers,
                by=request.user,
                action=action.name,
                token=form.cleaned_data["token"],
                parameters=form.parameters,
                query=selection.listing.query_string[:1000],
            )
        except execution.LotRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("instruction:lot_detail", pk, lot.pk)
    context = {
        "procedure": procedure,
        "action": action,
        "count": count,
        "form": form,
        "list_url": back,
        **_preview(action, dossiers, request.POST.get(action.asks, "")),
    }
    return render(request, "instruction/lot_prepare.html", context)


@never_cache
@require_safe
def lot_list(request, pk):
    """List my batches of a procédure, the newest first."""
    procedure = _procedure_or_404(request.user, pk)
    mine = Lot.objects.filter(procedure=procedure, by=request.user)
    page = paginate(mine, ["-id"], request.GET.get("page"), LOTS_PER_PAGE)
    rows = [(lot, ACTIONS[lot.action].label) for lot in page]
    context = {"procedure": procedure, "rows": rows, "page": page}
    return render(request, "instruction/lot_list.html", context)


@never_cache
@require_safe
def lot_detail(request, pk, lot_pk):
    """Show how far a batch is, then what was left as it was, and why."""
    lot = _lot_or_404(request.user, pk, lot_pk)
    skipped = lot.lignes.filter(state=LigneState.ECARTE).only("dossier_id", "reason", "lot_id")
    context = {
        "procedure": lot.procedure,
        "lot": lot,
        "action": ACTIONS[lot.action],
        "page": paginate(skipped, ["id"], request.GET.get("page"), SKIPPED_PER_PAGE),
    }
    part = "includes/lot_progress" if request.htmx else "lot_detail"
    return render(request, f"instruction/{part}.html", context)


@require_POST
def lot_stop(request, pk, lot_pk):
    """Leave the dossiers that had no turn yet."""
    lot = _lot_or_404(request.user, pk, lot_pk)
    execution.stop(lot)
    return redirect("instruction:lot_detail", pk, lot.pk)


@require_safe
def lot_report(request, pk, lot_pk):
    """Give what became of each dossier as CSV."""
    lot = _lot_or_404(request.user, pk, lot_pk)
    return csv_response(report_rows(lot), f"lot-{lot.pk}.csv")


@require_safe
def lot_export(request, pk):
    """Give the chosen dossiers as CSV, with what the list shows of them."""
    procedure = _procedure_or_404(request.user, pk)
    if (selection := Selection.read(request.GET)).is_empty:
        messages.error(request, "Cochez au moins un dossier.")
        return redirect(_list_url(procedure, selection))
    dossiers = Selection.read(request.GET).dossiers(request.user, procedure)
    tableau = tableau_of(request.user, procedure)
    listing = listing_of(request.user, procedure, request.GET, tableau)
    return csv_response(dossier_rows(listing, dossiers), f"dossiers-{procedure.pk}.csv")


def _form(request, action: LotAction, procedure: Procedure) -> LotForm:
    """Return the form as it was sent; a preview keeps what was typed and complains of nothing."""
    if request.method == "POST" and "apercu" not in request.POST:
        return LotForm(request.POST, action=action, procedure=procedure)
    initial = {"token": uuid.uuid4()}
    if request.method == "POST" and action.asks:
        initial[action.asks] = request.POST.get(action.asks, "")
    return LotForm(initial=initial, action=action, procedure=procedure)


def _preview(action: LotAction, dossiers, text: str) -> dict:
    """Return the email of the first dossier as it would leave."""
    first = dossiers.with_people().select_related("procedure__organisme", "revision").first()
    if first is None or not action.sends_email:
        return {"first": first, "courriel": None}
    try:
        courriel = action.preview(adapt_reponses(first), {action.asks: text.replace("\x00", "")})
    except ValidationError:
        courriel = None
    return {"first": first, "courriel": courriel}


def _list_url(procedure: Procedure, selection: Selection) -> str:
    url = reverse("instruction:dossier_list", args=[procedure.pk])
    return url + selection.listing.query_string


def _procedure_or_404(user, pk: int) -> Procedure:
    return get_object_or_404(
        Procedure.objects.instructed_by(user).select_related("organisme", "published_revision"),
        pk=pk,
    )


def _lot_or_404(user, pk: int, lot_pk: int) -> Lot:
    procedure = _procedure_or_404(user, pk)
    return get_object_or_404(
        Lot.objects.select_related("procedure"), pk=lot_pk, procedure=procedure, by=user
    )
