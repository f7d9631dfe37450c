"""The page of the demo that lists the companies one may try."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from entreprise_api.simulator import outage
from entreprise_api.simulator.companies import COMPANIES, SCENARIO_LABELS, SCENARIOS
from entreprise_api.siret import format_siret


@login_not_required
@require_safe
def demo_companies(request: HttpRequest) -> HttpResponse:
    """List the SIRET of the simulator and what each does."""
    _require_demo()
    companies = [
        {"siret": format_siret(siret), "name": company["name"], "kind": company["kind"]}
        for siret, company in COMPANIES.items()
    ]
    scenarios = [
        {"siret": format_siret(siret), "label": SCENARIO_LABELS[name]}
        for name, siret in SCENARIOS.items()
    ]
    return render(
        request,
        "entreprise_api/demo_companies.html",
        {"companies": companies, "scenarios": scenarios, "is_cut": outage.is_cut()},
    )


@login_not_required
@require_POST
def demo_outage_toggle(request: HttpRequest) -> HttpResponse:
    """Cut the simulator off, or restore it, as the button pressed says."""
    _require_demo()
    if request.POST.get("action") == "couper":
        outage.cut()
    else:
        outage.restore()
        messages.success(request, "API Entreprise répond de nouveau.")
    return redirect("entreprise_api:demo_companies")


def _require_demo() -> None:
    if not settings.DEMO:
        raise Http404
