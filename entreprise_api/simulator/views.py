"""The endpoints of API Entreprise that TPS calls, with their parameters, headers and errors."""

import functools
import json
import time
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from stdnum import luhn

from entreprise_api.simulator import outage
from entreprise_api.simulator.companies import COMPANIES, SCENARIOS
from entreprise_api.simulator.shapes import masked, timestamp
from entreprise_api.siret import SiretError, normalize_siret

CALLS_PER_MINUTE = 250
SLOW_ANSWER_SECONDS = 5
RETRY_AFTER_SECONDS = 20
MAINTENANCE_SECONDS = 60
PRIVILEGES = ["unites_legales_etablissements_insee", "open_data", "extraits_rcs"]
_SCENARIO_OF = {siret: name for name, siret in SCENARIOS.items()}
_PARAMETERS = {"context": "00201", "object": "00202", "recipient": "00203"}


def error(status: int, code: str, title: str, detail: str, **meta: Any) -> JsonResponse:
    """Return an error as API Entreprise words it."""
    body = {"code": code, "title": title, "detail": detail, "source": None, "meta": meta or None}
    return JsonResponse({"errors": [body]}, status=status)


def simulated(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Serve an endpoint in the demo only, and add what every answer carries."""

    @require_safe
    @functools.wraps(view)
    def wrapper(request: HttpRequest, **kwargs: str) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        response = view(request, **kwargs)
        response["X-Request-ID"] = str(uuid.uuid4())
        return response

    return login_not_required(wrapper)


def authorized(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Check the token first, and count the call."""

    @functools.wraps(view)
    def wrapper(request: HttpRequest, **kwargs: str) -> HttpResponse:
        expected = f"Bearer {settings.API_ENTREPRISE_TOKEN}"
        if not constant_time_compare(request.headers.get("Authorization", ""), expected):
            return error(
                401, "00101", "Non autorisé", "Votre jeton n'est pas valide ou n'est pas renseigné."
            )
        response = view(request, **kwargs)
        minute = int(time.time()) // 60
        key = f"entreprise:simulateur-appels:{minute}"
        cache.add(key, 0, timeout=120)
        remaining = max(1, CALLS_PER_MINUTE - cache.incr(key))
        response["RateLimit-Limit"] = str(CALLS_PER_MINUTE)
        response["RateLimit-Remaining"] = str(remaining)
        response["RateLimit-Reset"] = str((minute + 1) * 60)
        return response

    return wrapper


@simulated
@authorized
def privileges(request: HttpRequest) -> HttpResponse:
    """`GET /privileges`."""
    return JsonResponse({"privileges": PRIVILEGES})


@simulated
def ping_insee(request: HttpRequest) -> HttpResponse:
    """`GET /ping/insee/sirene`, open to all."""
    now, is_cut = timezone.now().isoformat(), outage.is_cut()
    body = {"status": "bad_gateway" if is_cut else "ok", "last_update": now, "last_ok_status": now}
    return JsonResponse(body, status=502 if is_cut else 200)


@simulated
@authorized
def etablissement(request: HttpRequest, siret: str) -> HttpResponse:
    """`GET /v4/insee/sirene/etablissements/{siret}`."""
    return _etablissement(request, siret, lambda data: data)


@simulated
@authorized
def etablissement_diffusible(request: HttpRequest, siret: str) -> HttpResponse:
    """`GET /v4/insee/sirene/etablissements/diffusibles/{siret}`: protected fields masked."""
    return _etablissement(request, siret, masked)


@simulated
@authorized
def extrait_rcs(request: HttpRequest, siren: str) -> HttpResponse:
    """`GET /v3/infogreffe/rcs/unites_legales/{siren}/extrait_kbis`."""
    refusal = _refusal(request, siren)
    if refusal is None and not (len(siren) == 9 and luhn.is_valid(siren)):
        refusal = error(422, "00301", "Entité non traitable", "Le numéro de siren est mal formé.")
    if refusal is not None:
        return refusal
    for company in COMPANIES.values():
        if company["data"]["unite_legale"]["siren"] == siren and company["extrait"]:
            return JsonResponse({"data": company["extrait"], "links": {}, "meta": {}})
    return error(404, "02003", "Entité non trouvée", "Le siren indiqué n'existe pas au RCS.")


def _etablissement(
    request: HttpRequest, siret: str, show: Callable[[dict[str, Any]], dict[str, Any]]
) -> HttpResponse:
    refusal = _refusal(request, siret[:9])
    if refusal is not None:
        return refusal
    try:
        normalize_siret(siret)
    except SiretError:
        return error(422, "00302", "Entité non traitable", "Le numéro de siret est mal formé.")
    scenario = _SCENARIO_OF.get(siret)
    if scenario == "redirection":
        target = COMPANIES[siret[:9] + "00011"]["data"]
        return JsonResponse(_answer(show(target), redirect_from_siret=siret))
    if scenario is not None:
        return _accident(scenario)
    company = COMPANIES.get(siret)
    if company is None:
        return _not_found()
    return JsonResponse(_answer(show(company["data"])))


def _answer(data: dict[str, Any], **meta: str) -> dict[str, Any]:
    links = {"unite_legale": f"/v4/insee/sirene/unites_legales/{data['unite_legale']['siren']}"}
    meta = {"date_derniere_mise_a_jour": timestamp(2026, 10, 12)} | meta
    return {"data": data, "links": links, "meta": meta}


def _refusal(request: HttpRequest, siren: str) -> HttpResponse | None:
    """Return the error of an outage or of a missing or wrong parameter."""
    if outage.is_cut():
        return error(
            504, "01001", "Intermédiaire hors délai", "Le fournisseur de données est indisponible."
        )
    missing = [
        {
            "code": code,
            "title": "Entité non traitable",
            "detail": f"Le paramètre {name} est obligatoire.",
            "source": {"parameter": name},
            "meta": {},
        }
        for name, code in _PARAMETERS.items()
        if not request.GET.get(name, "").strip()
    ]
    if missing:
        return JsonResponse({"errors": missing}, status=422)
    try:
        recipient = normalize_siret(request.GET["recipient"])
    except SiretError:
        recipient = ""
    if not recipient or recipient[:9] == siren:
        return error(422, "00203", "Entité non traitable", "Le paramètre recipient est invalide.")
    return None


def _accident(scenario: str) -> HttpResponse:
    """Play the accident that a number stands for."""
    match scenario:
        case "introuvable":
            return _not_found()
        case "non_diffusible":
            return error(
                451, "01451", "Indisponible", "L'établissement indiqué n'est pas diffusible."
            )
        case "lent":
            time.sleep(SLOW_ANSWER_SECONDS)
            company = COMPANIES["00053916300014"]["data"]
            siret = SCENARIOS["lent"]
            unite = company["unite_legale"] | {"siren": siret[:9], "siret_siege_social": siret}
            return JsonResponse(_answer(company | {"siret": siret, "unite_legale": unite}))
        case "limite":
            response = error(429, "00429", "Trop de requêtes", "Limite d'appels atteinte.")
            response["Retry-After"] = str(RETRY_AFTER_SECONDS)
            return response
        case "erreur_500":
            return error(500, "00999", "Erreur interne", "Une erreur interne s'est produite.")
        case "erreur_502":
            return error(502, "01999", "Erreur fournisseur", "Le fournisseur a mal répondu.")
        case "maintenance":
            return error(
                503,
                "01020",
                "Maintenance",
                "Le fournisseur est en maintenance.",
                provider="INSEE",
                retry_in=MAINTENANCE_SECONDS,
            )
        case "html":
            return HttpResponse("<!doctype html><title>Maintenance</title><h1>Revenez bientôt</h1>")
    whole = json.dumps(_answer(COMPANIES["00041872300011"]["data"]))
    return HttpResponse(whole[: len(whole) // 2], content_type="application/json")


def _not_found() -> JsonResponse:
    return error(
        404, "01003", "Entité non trouvée", "Le siret indiqué n'existe pas ou n'est pas connu."
    )
