"""What a person sets around a list: a filter, the columns, the lists they keep under a name."""

from dataclasses import replace

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from instruction.colonnes import DEFAULT_COLUMNS
from instruction.colonnes.filtres import FILTERS_MAX
from instruction.forms_listes import ColonneForm, ColonnesForm, FiltreForm, VueForm
from instruction.models import VueEnregistree
from instruction.tableaux import choose_columns, listing_of, tableau_of
from procedures.models import Procedure

VUES_MAX = 50
QUERY_MAX = 10_000


@require_GET
@vary_on_headers("HX-Request")
def filter_add(request, pk):
    """Choose a column, then what the dossiers must have in it, then see the list so filtered."""
    procedure = _procedure(request.user, pk)
    listing = listing_of(request.user, procedure, request.GET)
    colonne = listing.catalogue.get(request.GET.get("colonne", ""))
    form = None
    if colonne is not None:
        form = FiltreForm(colonne, request.GET if "filtrer" in request.GET else None)
        if len(listing.f) >= FILTERS_MAX and form.is_bound:
            form.add_error(None, f"Une liste a {FILTERS_MAX} filtres au plus : retirez-en un.")
        elif form.is_bound and form.is_valid():
            return _to_list(procedure, replace(listing, f=(*listing.f, form.raw)).query_string)
    context = {
        "procedure": procedure,
        "listing": listing,
        "list_url": _list_url(procedure) + listing.query_string,
        "colonne": colonne,
        "column_form": ColonneForm(
            listing.catalogue, initial={"colonne": colonne.key if colonne else ""}
        ),
        "form": form,
    }
    return render(request, "instruction/filter_add.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def column_choose(request, pk):
    """Choose the columns that I see in the lists of a procédure."""
    procedure = _procedure(request.user, pk)
    tableau = tableau_of(request.user, procedure)
    listing = listing_of(request.user, procedure, request.GET, tableau)
    here = replace(listing, colonnes=None).query_string
    if request.method == "POST" and "defaut" in request.POST:
        choose_columns(tableau, [])
        return _to_list(procedure, here)
    chosen = [column.key for column in listing.shown_columns] or list(DEFAULT_COLUMNS)
    form = ColonnesForm(listing.catalogue, chosen, request.POST or None)
    if request.method == "POST" and form.is_valid():
        choose_columns(tableau, form.keys)
        return _to_list(procedure, here)
    context = {
        "procedure": procedure,
        "form": form,
        "listing": listing,
        "list_url": _list_url(procedure) + listing.query_string,
    }
    return render(request, "instruction/column_choose.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def vue_list(request, pk):
    """List the lists that I keep under a name, and keep the present one."""
    procedure = _procedure(request.user, pk)
    tableau = tableau_of(request.user, procedure)
    data = QueryDict(request.POST.get("query", "")[:QUERY_MAX].lstrip("?"))
    listing = listing_of(
        request.user, procedure, data if request.method == "POST" else request.GET, tableau
    )
    vue = VueEnregistree(
        user=request.user, procedure=procedure, query=listing.shared_query.lstrip("?")
    )
    form = VueForm(request.POST or None, instance=vue)
    mine = _vues(request.user, procedure)
    if request.method == "POST":
        if mine.count() >= VUES_MAX:
            form.add_error(None, f"Vous avez déjà {VUES_MAX} vues : supprimez-en une.")
        if form.is_valid() and _saved(form):
            messages.success(request, f"La vue « {vue.name} » est enregistrée.")
            return _to_list(procedure, f"?{vue.query}")
    context = {
        "procedure": procedure,
        "form": form,
        "vues": mine,
        "listing": listing,
        "list_url": _list_url(procedure) + listing.query_string,
    }
    return render(request, "instruction/vue_list.html", context)


@require_POST
def vue_rename(request, pk, vue_pk):
    """Give another name to a list I keep."""
    procedure = _procedure(request.user, pk)
    vue = get_object_or_404(_vues(request.user, procedure), pk=vue_pk)
    form = VueForm(request.POST, instance=vue)
    if form.is_valid() and _saved(form):
        messages.success(request, f"La vue s’appelle maintenant « {vue.name} ».")
    else:
        messages.error(request, " ".join(form.errors.get("name", [])))
    return redirect("instruction:vue_list", pk)


@require_POST
def vue_delete(request, pk, vue_pk):
    """Forget a list I keep; its dossiers stay."""
    procedure = _procedure(request.user, pk)
    vue = get_object_or_404(_vues(request.user, procedure), pk=vue_pk)
    vue.delete()
    messages.success(request, f"La vue « {vue.name} » est supprimée.")
    return redirect("instruction:vue_list", pk)


def _saved(form: VueForm) -> bool:
    """Save a name; tell whether the person did not give it meanwhile in another page."""
    try:
        with transaction.atomic():
            form.save()
    except IntegrityError:
        form.add_error("name", "Vous avez déjà une vue de ce nom : donnez-en un autre.")
        return False
    return True


def _vues(user, procedure: Procedure):
    return VueEnregistree.objects.filter(user_id=user.pk, procedure=procedure)


def _procedure(user, pk: int) -> Procedure:
    return get_object_or_404(Procedure.objects.instructed_by(user), pk=pk)


def _list_url(procedure: Procedure) -> str:
    return reverse("instruction:dossier_list", args=[procedure.pk])


def _to_list(procedure: Procedure, query: str):
    return redirect(_list_url(procedure) + query)
