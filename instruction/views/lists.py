"""My procédures, their dossiers, and the search over all of them."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from commun.keyset import paginate
from dossiers.models import Dossier, Retrait
from instruction.counts import count_dialogues, count_dossiers, count_unread
from instruction.enums import ONGLET_EMPTY, PROCEDURES_PER_PAGE, Onglet
from instruction.listing import SEARCH_MAX, Listing, count_results, how_many
from instruction.lots.actions import ACTIONS
from instruction.nouveautes import count_news, with_news
from procedures.models import Groupe, Procedure


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
                counts[procedure.pk].by_onglet(),
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
    """Show one tab of the dossiers of a procédure."""
    mine = Procedure.objects.instructed_by(request.user).select_related("organisme")
    procedure = get_object_or_404(mine, pk=pk)
    listing = Listing.read(request.GET)
    dossiers = Dossier.objects.in_groupes_of(request.user, procedure)
    counts = count_dossiers([procedure.pk], by=request.user)[procedure.pk]
    if listing.q:
        total = count_results(listing.filter(dossiers))
    else:
        total = how_many(counts.of(listing.onglet))
    context = {
        "procedure": procedure,
        "listing": listing,
        "onglets": [
            (onglet, number, listing.with_onglet(onglet)) for onglet, number in counts.by_onglet()
        ],
        "empty_text": ONGLET_EMPTY[listing.onglet],
        "withdrawn": Retrait.objects.seen_by(request.user).filter(procedure=procedure).count(),
        "has_dossiers": any(number for _onglet, number in counts.by_onglet()),
        "total": total,
        "page": listing.page(_with_news(dossiers, request.user), request.GET.get("page")),
        "dialogues": count_dialogues(procedure.pk),
        "lot_actions": ACTIONS.values(),
        "unread": count_unread([procedure.pk], by=request.user)[procedure.pk],
    }
    return render(request, _template(request, "dossier_list"), context)


@require_safe
@vary_on_headers("HX-Request")
def dossier_search(request):
    """Search the dossiers of all my procédures, archived ones included."""
    listing = Listing.read(request.GET, default=Onglet.TOUS, everywhere=True)
    # Numbers rather than a subquery: PostgreSQL then knows how many groupes they are.
    mine = list(Groupe.objects.of_member(request.user).values_list("pk", flat=True))
    dossiers = Dossier.objects.soumis().filter(groupe_id__in=mine)
    context = {"listing": listing, "exact": None, "total": "", "page": None}
    if listing.q:
        context |= {
            "exact": _numbered(dossiers, listing.q),
            "total": count_results(listing.filter(dossiers)),
            "page": listing.page(_with_news(dossiers, request.user), request.GET.get("page")),
        }
    return render(request, _template(request, "dossier_search"), context)


def _with_news(dossiers, user):
    """Add to the rows of a list what waits for the usager, and what `user` has to read."""
    return with_news(dossiers.with_corrections(), user).with_labels()


def _numbered(dossiers, q: str) -> Dossier | None:
    """Return the dossier whose number is exactly what was typed."""
    number = q.replace(" ", "")
    if not (number.isascii() and number.isdigit()):
        return None
    return dossiers.with_people().with_labels().without_answers().filter(pk=int(number)).first()


def _template(request, name: str) -> str:
    """Return the page `name`, or the part of it that htmx swaps."""
    if request.htmx and not request.htmx.history_restore_request:
        return f"instruction/includes/{name}_results.html"
    return f"instruction/{name}.html"
