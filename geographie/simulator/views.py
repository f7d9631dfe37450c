"""The two endpoints that TPS calls, with the shapes and the errors of the real ones."""

import functools
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from commun.text import words
from geographie.simulator import outage
from geographie.simulator.places import ADRESSES, COMMUNES

QUERY_MIN, QUERY_MAX = 3, 200
LIMIT = 5


def simulated(view: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Serve an endpoint in the demo only, unless an outage is played."""

    @require_safe
    @functools.wraps(view)
    def wrapper(request: HttpRequest) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        if outage.is_cut():
            return HttpResponse("<h1>504 Gateway Time-out</h1>", status=504)
        return view(request)

    return login_not_required(wrapper)


@simulated
def ban_search(request: HttpRequest) -> HttpResponse:
    """`GET /search/` of the Base Adresse Nationale."""
    query = request.GET.get("q", "").strip()
    if not QUERY_MIN <= len(query) <= QUERY_MAX or not query[0].isalnum():
        detail = "q: must contain between 3 and 200 chars and start with a number or a letter"
        return JsonResponse(
            {"code": 400, "message": "Failed parsing query", "detail": [detail]}, status=400
        )
    found = [place for place in ADRESSES if _matches(query, place["properties"]["label"])]
    return JsonResponse(
        {
            "type": "FeatureCollection",
            "version": "draft",
            "features": found[:LIMIT],
            "attribution": "BAN",
            "licence": "ETALAB-2.0",
            "query": query,
            "limit": LIMIT,
        }
    )


@simulated
def geo_communes(request: HttpRequest) -> HttpResponse:
    """`GET /communes` of geo.api.gouv.fr."""
    nom, code_postal = request.GET.get("nom", ""), request.GET.get("codePostal", "")
    found = [
        commune
        for commune in COMMUNES
        if (code_postal in commune["codesPostaux"] if code_postal else True)
        and (_matches(nom, commune["nom"]) if nom else True)
    ]
    return JsonResponse(found[:LIMIT], safe=False)


def _matches(query: str, text: str) -> bool:
    """Tell whether each word of `query` begins a word of `text`."""
    known = words(text)
    return all(any(word.startswith(part) for word in known) for part in words(query))
