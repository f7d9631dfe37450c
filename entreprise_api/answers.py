"""From the JSON of API Entreprise to the fields of an `Etablissement`, whatever the body holds.

Wrong types, nulls, absurd dates and missing keys lose the datum, never the answer.
Source: OpenAPI of API Entreprise, INSEE v4 and extrait RCS v3, spring 2026.
"""

import datetime
import json
import re
import zoneinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from entreprise_api.enums import TRANCHES_EFFECTIF

PARIS = zoneinfo.ZoneInfo("Europe/Paris")
# INSEE writes 1900-01-01 for « unknown »; Paris then lived 9 minutes 21 seconds from Greenwich.
_UNKNOWN_DATES = {datetime.date(1899, 12, 31), datetime.date(1900, 1, 1)}
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MASK = "[ND]"
_DIFFUSIBLE = "diffusible"
_POSTAL_LINES = ("l3", "l4", "l5", "l6", "l7")  # l1 and l2 repeat the name
_SIRET = re.compile(r"[0-9]{14}")
_SIREN = re.compile(r"[0-9]{9}")
_NAF_WITHOUT_DOT = re.compile(r"[0-9]{4}[A-Z]")
_MAX_CAPITAL = Decimal("1e15")


class UnusableAnswer(ValueError):
    """A body that is not the JSON expected of a success."""


def parse(body: bytes) -> dict[str, Any]:
    """Return the JSON object in `body`, numbers with decimals kept exact, or raise."""
    try:
        answer = json.loads(body, parse_float=_decimal, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        raise UnusableAnswer("pas de JSON") from None
    if not isinstance(answer, dict):
        raise UnusableAnswer("pas un objet JSON")
    return answer


def read_etablissement(answer: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of an `Etablissement` held in an answer of INSEE, or raise."""
    data = answer.get("data")
    siret = data.get("siret") if isinstance(data, dict) else None
    if not (isinstance(siret, str) and _SIRET.fullmatch(siret)):
        raise UnusableAnswer("réponse sans SIRET")
    unite, adresse = part(data, "unite_legale"), part(data, "adresse")
    siren = text(unite, "siren", 9)
    return {
        "siret_answered": siret,
        "siren": siren if _SIREN.fullmatch(siren) else siret[:9],
        "etat_administratif": _choice(data, "etat_administratif", ("A", "F")),
        "date_creation": paris_date(data.get("date_creation")),
        "date_fermeture": paris_date(data.get("date_fermeture")),
        "enseigne": text(data, "enseigne", 500),
        "is_siege": data.get("siege_social") is True,
        "diffusable": is_diffusable(data),
        **_read_unite_legale(unite),
        **_read_activite(data, unite),
        **_read_effectif(data),
        **_read_adresse(adresse),
    }


def read_capital(answer: dict[str, Any]) -> dict[str, Any]:
    """Return `capital_social` (None when it is not given) and `capital_devise`, or raise."""
    data = answer.get("data")
    if not isinstance(data, dict):
        raise UnusableAnswer("réponse sans données")
    capital = part(data, "capital")
    devise = text(capital, "code_devise", 3) or text(capital, "devise", 20)
    return {"capital_social": _amount(capital.get("montant")), "capital_devise": devise}


def is_diffusable(data: dict[str, Any]) -> bool:
    """Say whether everything in the answer may be shown to whoever typed the SIRET.

    The établissement, its address and its unité légale each have a status; one that says
    otherwise is enough, and so is an answer that says nothing.
    """
    unite, adresse = part(data, "unite_legale"), part(data, "adresse")
    statuses = [item.get("status_diffusion") for item in (data, adresse, unite)]
    if any(status not in (None, _DIFFUSIBLE) for status in statuses):
        return False
    flags = [item.get("diffusable_commercialement") for item in (data, unite)]
    if any(flag not in (None, True) for flag in flags):
        return False
    return statuses[0] == _DIFFUSIBLE or flags[0] is True


def paris_date(timestamp: Any) -> datetime.date | None:
    """Return the day in Paris of a UNIX timestamp; None for no, an unknown or an absurd one."""
    if isinstance(timestamp, bool) or not isinstance(timestamp, int | Decimal):
        return None
    try:
        moment = _EPOCH + datetime.timedelta(seconds=int(timestamp))
        day = moment.astimezone(PARIS).date()
    except (OverflowError, ValueError):
        return None
    return None if day in _UNKNOWN_DATES else day


def part(data: dict[str, Any], key: str) -> dict[str, Any]:
    """Return the object under `key`, an empty one when there is none."""
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def text(data: dict[str, Any], key: str, max_length: int) -> str:
    """Return the text under `key` on one line, fit for the database; masked counts as empty."""
    value = data.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if abs(value) < 10**15 else ""
    if not isinstance(value, str):
        return ""
    value = value.replace("\x00", "").encode("utf-8", "ignore").decode().replace(_MASK, "")
    return " ".join(value.split())[:max_length].strip()


def _read_unite_legale(unite: dict[str, Any]) -> dict[str, Any]:
    attributs = part(unite, "personne_morale_attributs")
    is_personne_physique = unite.get("type") == "personne_physique"
    personne = part(unite, "personne_physique_attributs") if is_personne_physique else {}
    forme = part(unite, "forme_juridique")
    state = unite.get("etat_administratif")
    return {
        "raison_sociale": "" if is_personne_physique else text(attributs, "raison_sociale", 500),
        "sigle": "" if is_personne_physique else text(attributs, "sigle", 100),
        "personne": _read_personne(personne),
        "is_personne_physique": is_personne_physique,
        "forme_juridique_code": text(forme, "code", 4),
        "forme_juridique": text(forme, "libelle", 255),
        "unite_legale_active": {"A": True, "C": False}.get(state if isinstance(state, str) else ""),
        "categorie_entreprise": _choice(unite, "categorie_entreprise", ("GE", "ETI", "PME")),
        "siret_siege": siege
        if _SIRET.fullmatch(siege := text(unite, "siret_siege_social", 14))
        else "",
    }


def _read_personne(personne: dict[str, Any]) -> str:
    usage, naissance = text(personne, "nom_usage", 150), text(personne, "nom_naissance", 150)
    nom = f"{usage} ({naissance})" if usage and naissance and usage != naissance else ""
    prenom = text(personne, "prenom_usuel", 100) or text(personne, "prenom_1", 100)
    return f"{prenom} {nom or usage or naissance}".strip() or text(personne, "pseudonyme", 150)


def _read_activite(data: dict[str, Any], unite: dict[str, Any]) -> dict[str, Any]:
    activite = part(data, "activite_principale") or part(unite, "activite_principale")
    rev2 = part(data, "activite_principale_naf_rev2") or part(unite, "activite_principale_naf_rev2")
    return {
        "naf_code": _naf_code(activite),
        "naf_label": text(activite, "libelle", 255),
        "naf_nomenclature": text(activite, "nomenclature", 20),
        "naf_rev2_code": _naf_code(rev2),
        "naf_rev2_label": text(rev2, "libelle", 255),
    }


def _naf_code(activite: dict[str, Any]) -> str:
    code = text(activite, "code", 10).upper()
    return f"{code[:2]}.{code[2:]}" if _NAF_WITHOUT_DOT.fullmatch(code) else code


def _read_effectif(data: dict[str, Any]) -> dict[str, Any]:
    tranche = part(data, "tranche_effectif_salarie")
    code = text(tranche, "code", 2)
    return {
        "tranche_effectif_code": code,
        "effectif": TRANCHES_EFFECTIF.get(code) or text(tranche, "intitule", 100),
        "effectif_annee": text(tranche, "date_reference", 4),
    }


def _read_adresse(adresse: dict[str, Any]) -> dict[str, Any]:
    postal = part(adresse, "acheminement_postal")
    lines = [line for key in _POSTAL_LINES if (line := text(postal, key, 200))]
    pays = text(adresse, "libelle_pays_etranger", 100)
    return {
        "adresse": "\n".join(lines or _compose_adresse(adresse)),
        "code_postal": text(adresse, "code_postal", 10),
        "code_commune": text(adresse, "code_commune", 5),
        "commune": text(adresse, "libelle_commune", 150)
        or text(adresse, "libelle_commune_etranger", 150),
        "pays": pays,
    }


def _compose_adresse(adresse: dict[str, Any]) -> list[str]:
    """Return the address lines out of its parts, for an answer without postal lines."""
    street = ("numero_voie", "indice_repetition_voie", "type_voie", "libelle_voie")
    town = (
        ("code_cedex", "libelle_cedex")
        if text(adresse, "code_cedex", 10)
        else ("code_postal", "libelle_commune", "libelle_commune_etranger")
    )
    groups = (
        ("complement_adresse",),
        street,
        ("distribution_speciale",),
        town,
        ("libelle_pays_etranger",),
    )
    lines = (" ".join(text(adresse, key, 200) for key in group).split() for group in groups)
    return [" ".join(words) for words in lines if words]


def _choice(data: dict[str, Any], key: str, allowed: tuple[str, ...]) -> str:
    value = data.get(key)
    return value if isinstance(value, str) and value in allowed else ""


def _amount(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    amount = Decimal(value)
    if not amount.is_finite() or not 0 <= amount < _MAX_CAPITAL:
        return None
    return amount.quantize(Decimal("0.01"))


def _decimal(literal: str) -> Decimal | None:
    try:
        return Decimal(literal)
    except InvalidOperation:
        return None
