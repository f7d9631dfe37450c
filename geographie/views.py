"""Suggestions for those who fill in a form, and the demo's page about places."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_ratelimit.decorators import ratelimit

from geographie.exceptions import GeographieUnavailable
from geographie.simulator import outage
from geographie.simulator.places import ADRESSES as DEMO_ADRESSES
from geographie.simulator.places import COMMUNES as DEMO_COMMUNES
from geographie.suggestions import ADRESSES, COMMUNES, Source

RATE_GROUP = "geographie"
RATE = "240/m"


@never_cache
@require_safe
@ratelimit(group=RATE_GROUP, key="user", rate=RATE)
def adresse_list(request: HttpRequest) -> HttpResponse:
    """Suggest addresses for the text `q`."""
    return _suggest(request, ADRESSES)


@never_cache
@require_safe
@ratelimit(group=RATE_GROUP, key="user", rate=RATE)
def commune_list(request: HttpRequest) -> HttpResponse:
    """Suggest communes for the name or code postal `q`."""
    return _suggest(request, COMMUNES)


@login_not_required
@require_safe
def demo_lieux(request: HttpRequest) -> HttpResponse:
    """List the communes and the addresses of the simulator."""
    _require_demo()
    context = {
        "communes": [(item["nom"], ", ".join(item["codesPostaux"])) for item in DEMO_COMMUNES],
        "adresses": [item["properties"]["label"] for item in DEMO_ADRESSES],
        "is_cut": outage.is_cut(),
    }
    return render(request, "geographie/demo_lieux.html", context)


@login_not_required
@require_POST
def demo_outage_toggle(request: HttpRequest) -> HttpResponse:
    """Cut the simulator off, or restore it, as the button pressed says."""
    _require_demo()
    if request.POST.get("action") == "couper":
        outage.cut()
    else:
        outage.restore()
        messages.success(request, "Les suggestions de lieux sont de retour.")
    return redirect("geographie:demo_lieux")


def _suggest(request: HttpRequest, source: Source) -> HttpResponse:
    """Answer the suggestions; an outage is an answer too, which the page words."""
    try:
        found = source.search(request.GET.get("q", ""))
    except GeographieUnavailable:
        return JsonResponse({"disponible": False, "suggestions": []})
    suggestions = [{"label": source.label(item), "jeton": source.sign(item)} for item in found]
    return JsonResponse({"disponible": True, "suggestions": suggestions})


def _require_demo() -> None:
    if not settings.DEMO:
        raise Http404
