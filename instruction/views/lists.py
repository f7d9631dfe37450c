"""My procédures, their dossiers, and the search over all of them."""

from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from commun.delai_sql import TooLong, time_limit
from commun.keyset import paginate
from dossiers.models import Dossier, Retrait
from dossiers.models.queryset import PK_DIGITS_MAX
from entreprise_api.models import Etablissement
from instruction.counts import count_dialogues, count_dossiers, count_expiring, count_unread
from instruction.enums import ONGLET_EMPTY, ONGLETS_OF_CARD, PROCEDURES_PER_PAGE, Onglet
from instruction.listing import MORE_THAN, SEARCH_MAX, Listing, count_results, how_many
from instruction.lots.actions import ACTIONS
from instruction.models import VueEnregistree
from instruction.nouveautes import count_news, with_news
from instruction.tableaux import listing_of, remember_list, tableau_of
from procedures.models import Groupe, Procedure

PAGE_SECONDS_MAX = 4
COUNT_SECONDS_MAX = 10
SIRET_DIGITS = 14
EXACT_MAX = 5


@require_safe
@vary_on_headers("HX-Request")
def procedure_list(request):
    """Show the procédures I am assigned to, with their counts."""
    q = request.GET.get("q", "").replace("\x00", "").strip()[:SEARCH_MAX]
    mine = Procedure.objects.instructed_by(request.user).select_related("organisme")
    page = paginate(mine.search(q), ["title", "id"], request.GET.get("page"), PROCEDURES_PER_PAGE)
    counts = count_dossiers((procedure.pk for procedure in page), by=request.user)
    unread = count_unread((procedure.pk for procedure in page), by=request.user)
    news = count_news((procedure.pk for procedure in page), by=request.user)
    context = {
        "q": q,
        "page": page,
        "rows": [
            (
                procedure,
                [(onglet, counts[procedure.pk].of(onglet)) for onglet in ONGLETS_OF_CARD],
                unread[procedure.pk],
                news.get(procedure.pk, 0),
            )
            for procedure in page
        ],
        "has_procedures": bool(page.rows) or mine.exists(),
    }
    return render(request, _template(request, "procedure_list"), context)


@require_safe
@vary_on_headers("HX-Request")
def dossier_list(request, pk):
    """Show one tab of the dossiers of a procédure; without parameters, the list I left."""
    mine = Procedure.objects.instructed_by(request.user).select_related("organisme")
    procedure = get_object_or_404(mine, pk=pk)
    tableau = tableau_of(request.user, procedure)
    if not request.GET and tableau.query:
        return redirect(request.path + tableau.query)
    listing = listing_of(request.user, procedure, request.GET, tableau)
    remember_list(tableau, listing)
    dossiers = Dossier.objects.in_groupes_of(request.user, procedure)
    counts = count_dossiers([procedure.pk], by=request.user)[procedure.pk]
    count_expiring(counts, dossiers, procedure)
    context = {
        "procedure": procedure,
        "listing": listing,
        "onglets": [
            (onglet, number, counts.said(onglet), listing.with_onglet(onglet))
            for onglet, number in counts.by_onglet()
        ],
        "empty_text": ONGLET_EMPTY[listing.onglet],
        "withdrawn": Retrait.objects.seen_by(request.user).filter(procedure=procedure).count(),
        "has_dossiers": counts.total > 0,
        "dialogues": count_dialogues(procedure.pk),
        "lot_actions": ACTIONS.values(),
        "unread": count_unread([procedure.pk], by=request.user)[procedure.pk],
        "vues": VueEnregistree.objects.filter(user=request.user, procedure=procedure),
        **_results(request, listing, dossiers, how_many(counts.of(listing.onglet))),
    }
    return render(request, _template(request, "dossier_list"), context)


@require_safe
@vary_on_headers("HX-Request")
def dossier_search(request):
    """Search the dossiers of all my procédures, archived ones included."""
    listing = Listing.read(request.GET, default=Onglet.TOUS, everywhere=True, user=request.user)
    # Numbers rather than a subquery: PostgreSQL then knows how many groupes they are.
    mine = list(Groupe.objects.of_member(request.user).values_list("pk", flat=True))
    dossiers = Dossier.objects.soumis().filter(groupe_id__in=mine)
    context = {"listing": listing, "exact": [], "total": "", "page": None}
    if listing.q:
        context |= {
            "exact": _exact(dossiers, listing.q),
            **_results(request, listing, dossiers, ""),
        }
    return render(request, _template(request, "dossier_search"), context)


def _results(request, listing: Listing, dossiers, total: str) -> dict:
    """Return the page of a list and how many dossiers it holds.

    A list for which PostgreSQL may have to look at each dossier is stopped in time; « Compter
    exactement » (`exact`) is given longer.
    """
    cursor, is_exact = request.GET.get("page"), "exact" in request.GET
    if not listing.is_heavy:
        found = _with_news(listing.filter(dossiers), request.user)
        return _shown(listing, listing.page(found, cursor), total)
    try:
        with time_limit(PAGE_SECONDS_MAX):
            found = listing.filter(dossiers)
            page = listing.page(_with_news(found, request.user), cursor)
    except TooLong:
        return {"page": None, "rows": [], "total": "", "is_too_long": True}
    if not listing.is_narrowed:
        return _shown(listing, page, total)
    return _shown(listing, page, *_count(found, is_exact=is_exact))


def _count(found, *, is_exact: bool) -> tuple[str, bool]:
    """Return how many dossiers a list holds, and whether that is not all of them."""
    try:
        with time_limit(COUNT_SECONDS_MAX if is_exact else PAGE_SECONDS_MAX):
            if is_exact:
                return how_many(found.order_by().count()), False
            total = count_results(found)
    except TooLong:
        return "Trop de dossiers pour les compter", not is_exact
    return total, total.startswith(MORE_THAN)


def _shown(listing: Listing, page, total: str, may_count: bool = False) -> dict:
    return {
        "page": page,
        "rows": [(dossier, listing.cells(dossier)) for dossier in page],
        "total": total,
        "may_count": may_count,
    }


def _with_news(dossiers, user):
    """Add to the rows of a list what waits for the usager, and what `user` has to read."""
    return with_news(dossiers.with_corrections(), user).with_labels()


def _exact(dossiers, q: str) -> list[Dossier]:
    """Return the dossiers whose number, or the SIRET of whose company, is what was typed."""
    number = "".join(q.split())
    if not (number.isascii() and number.isdigit() and len(number) <= PK_DIGITS_MAX):
        return []
    is_it = Q(pk=int(number))
    if len(number) == SIRET_DIGITS:
        companies = Etablissement.objects.filter(siret=number)
        is_it = Q(etablissement_id__in=list(companies.values_list("pk", flat=True)[:EXACT_MAX]))
    found = dossiers.filter(is_it).with_people().with_labels().without_answers()
    return list(found.order_by("-pk")[:EXACT_MAX])


def _template(request, name: str) -> str:
    """Return the page `name`, or the part of it that htmx swaps."""
    if request.htmx and not request.htmx.history_restore_request:
        return f"instruction/includes/{name}_results.html"
    return f"instruction/{name}.html"
