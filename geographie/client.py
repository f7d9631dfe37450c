"""The only place that calls the Base Adresse Nationale and geo.api.gouv.fr.

What they answer is checked key by key; what was typed never reaches a log.
Sources: adresse.data.gouv.fr/outils/api-doc/adresse, geo.api.gouv.fr/decoupage-administratif.
"""

import json
import logging
import re
import time
from http import HTTPStatus
from typing import Any

import requests
from django.conf import settings
from urllib3.exceptions import HTTPError
from urllib3.util import Timeout

from commun.http import BodyTooBig, BodyTooSlow, read_body
from geographie.exceptions import GeographieUnavailable

logger = logging.getLogger(__name__)

RESULTS_MAX = 5
COMMUNES_MAX = 25  # Paris has 21 codes postaux
TEXT_MAX = 200
MAX_BODY_BYTES = 256 * 1024
COMMUNE_FIELDS = "nom,code,codesPostaux,codeDepartement,codeRegion"
CODE_POSTAL_DIGITS = 5
_CODE_POSTAL = re.compile(r"(?<![0-9])[0-9]{5}(?![0-9])")
# What was typed makes no sense to the service, which is well.
_NOT_UNDERSTOOD = (400, 404, 413, 414, 422)


def fetch_adresses(text: str) -> list[dict[str, Any]]:
    """Return the addresses that the Base Adresse Nationale suggests for `text`.

    Raises GeographieUnavailable.
    """
    parameters = {"q": text[:TEXT_MAX], "limit": RESULTS_MAX, "autocomplete": 1}
    body = _get("BAN", f"{settings.BAN_URL}/search/", parameters, nothing={"features": []})
    features = body.get("features") if isinstance(body, dict) else None
    if not isinstance(features, list):
        raise GeographieUnavailable("BAN : réponse inutilisable")
    adresses = (_read_adresse(feature) for feature in features[:RESULTS_MAX])
    return [adresse for adresse in adresses if adresse]


def fetch_communes(text: str) -> list[dict[str, Any]]:
    """Return the communes that geo.api.gouv.fr knows by a name or a code postal.

    A commune with several codes postaux comes once for each. Raises GeographieUnavailable.
    """
    found = _CODE_POSTAL.search(text)
    code_postal = found[0] if found else ""
    nom = " ".join(_CODE_POSTAL.sub(" ", text).replace("(", " ").replace(")", " ").split())
    if not code_postal and not any(map(str.isalpha, nom)):
        return []
    wanted = {"nom": nom, "codePostal": code_postal}
    parameters = {name: value for name, value in wanted.items() if value} | {
        "fields": COMMUNE_FIELDS,
        "boost": "population",
        "limit": RESULTS_MAX,
    }
    body = _get("geo.api", f"{settings.GEO_API_URL}/communes", parameters, nothing=[])
    if not isinstance(body, list):
        raise GeographieUnavailable("geo.api : réponse inutilisable")
    communes = [commune for item in body[:RESULTS_MAX] for commune in _read_communes(item)]
    if code_postal:
        communes = [commune for commune in communes if commune["code_postal"] == code_postal]
    return communes[:COMMUNES_MAX]


def _read_adresse(feature: Any) -> dict[str, Any] | None:
    """Return an address as TPS keeps it, None when it has no label."""
    properties = _part(feature, "properties")
    label = _text(properties, "label", TEXT_MAX)
    if not label:
        return None
    # « 59, Nord, Hauts-de-France »
    departement = _text(properties, "context", TEXT_MAX).partition(",")[0].strip()
    adresse = {
        "label": label,
        "numero": _text(properties, "housenumber"),
        "voie": _text(properties, "street", TEXT_MAX) or _street_name(properties),
        "code_postal": _text(properties, "postcode"),
        "commune": _text(properties, "city", TEXT_MAX),
        "code_insee": _text(properties, "citycode"),
        "departement": departement,
    }
    adresse = {name: value for name, value in adresse.items() if value}
    match _part(feature, "geometry").get("coordinates"):
        case [int() | float() as lon, int() | float() as lat] if abs(lon) <= 180 and abs(lat) <= 90:
            adresse |= {"lon": lon, "lat": lat}
    return adresse


def _street_name(properties: dict[str, Any]) -> str:
    """Return the name of a street or a place: the Base leaves `street` out when it is all."""
    is_street = properties.get("type") in ("street", "locality")
    return _text(properties, "name", TEXT_MAX) if is_street else ""


def _read_communes(item: Any) -> list[dict[str, Any]]:
    """Return a commune as TPS keeps it, once for each of its codes postaux."""
    nom, code = _text(item, "nom", TEXT_MAX), _text(item, "code")
    codes_postaux = item.get("codesPostaux") if isinstance(item, dict) else None
    if not nom or not code or not isinstance(codes_postaux, list):
        return []
    kept = {"nom": nom, "code": code, "departement": _text(item, "codeDepartement")}
    return [
        kept | {"code_postal": code_postal}
        for code_postal in codes_postaux[:COMMUNES_MAX]
        if isinstance(code_postal, str) and len(code_postal) == CODE_POSTAL_DIGITS
    ]


def _part(data: Any, key: str) -> dict[str, Any]:
    found = data.get(key) if isinstance(data, dict) else None
    return found if isinstance(found, dict) else {}


def _text(data: Any, key: str, length: int = 20) -> str:
    """Return a text of one printable line, empty for anything else."""
    found = data.get(key) if isinstance(data, dict) else None
    if not isinstance(found, str):
        return ""
    return "".join(char for char in " ".join(found.split()) if char.isprintable())[:length]


def _get(service: str, url: str, parameters: dict[str, Any], *, nothing: Any) -> Any:
    """Return the parsed body, `nothing` when the service did not understand; else raise."""
    timeout = settings.GEOGRAPHIE_TIMEOUT_SECONDS
    started = time.monotonic()
    try:
        with requests.get(
            url,
            params=parameters,
            headers={"Accept": "application/json"},
            timeout=Timeout(total=timeout, connect=timeout, read=timeout),
            allow_redirects=False,
            stream=True,
        ) as response:
            status, retry_after = response.status_code, response.headers.get("Retry-After", "")
            if status == HTTPStatus.OK:
                body = read_body(response, deadline=started + timeout, max_bytes=MAX_BODY_BYTES)
                return json.loads(body)
    except (BodyTooBig, BodyTooSlow, requests.RequestException, HTTPError, OSError) as error:
        raise _unavailable(service, type(error).__name__) from None
    except (ValueError, RecursionError):
        raise _unavailable(service, "réponse illisible") from None
    if status in _NOT_UNDERSTOOD:
        return nothing
    seconds = int(retry_after) if retry_after.isascii() and retry_after.isdigit() else None
    raise _unavailable(service, f"HTTP {status}", retry_after_seconds=seconds)


def _unavailable(
    service: str, why: str, *, retry_after_seconds: int | None = None
) -> GeographieUnavailable:
    # The message of an error may quote what was typed: its class is enough.
    logger.warning("%s ne répond pas : %s", service, why)
    return GeographieUnavailable(f"{service} : {why}", retry_after_seconds=retry_after_seconds)
