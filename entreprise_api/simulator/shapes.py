"""The JSON of API Entreprise (INSEE v4, extrait RCS v3), built from what differs."""

import datetime
import zoneinfo
from typing import Any

from entreprise_api.enums import TRANCHES_EFFECTIF

PARIS = zoneinfo.ZoneInfo("Europe/Paris")
MASK = "[ND]"


def timestamp(year: int, month: int, day: int) -> int:
    """Return midnight in Paris of a day, as INSEE's dates are given."""
    return int(datetime.datetime(year, month, day, tzinfo=PARIS).timestamp())


def activite(code: str | None, libelle: str, nomenclature: str) -> dict[str, Any]:
    """Return an activity."""
    return {"code": code, "libelle": libelle, "nomenclature": nomenclature}


def tranche(code: str | None, year: str | None = "2023") -> dict[str, Any]:
    """Return a range of staff; None is unknown."""
    if code is None:
        return {"code": None, "intitule": None, "date_reference": None, "de": None, "a": None}
    label = TRANCHES_EFFECTIF[code]
    return {"code": code, "intitule": label, "date_reference": year, "de": None, "a": None}


def adresse(
    *, name: str, person: str = "", status: str = "diffusible", **parts: str
) -> dict[str, Any]:
    """Return an address with its postal lines; `parts` are its own keys."""
    street = " ".join(
        parts[key]
        for key in ("numero_voie", "indice_repetition_voie", "type_voie", "libelle_voie")
        if key in parts
    )
    if "code_cedex" in parts:
        town = f"{parts['code_cedex']} {parts['libelle_cedex']}"
    elif "libelle_pays_etranger" in parts:
        town = parts["libelle_commune_etranger"]
    else:
        town = f"{parts['code_postal']} {parts['libelle_commune']}"
    keys = (
        "numero_voie", "indice_repetition_voie", "type_voie", "libelle_voie",
        "complement_adresse", "distribution_speciale", "code_postal", "code_commune",
        "libelle_commune", "code_cedex", "libelle_cedex", "libelle_commune_etranger",
        "code_pays_etranger", "libelle_pays_etranger",
    )  # fmt: skip
    return {key: parts.get(key) for key in keys} | {
        "status_diffusion": status,
        "acheminement_postal": {
            "l1": name,
            "l2": person,
            "l3": parts.get("complement_adresse", ""),
            "l4": street,
            "l5": parts.get("distribution_speciale", ""),
            "l6": town,
            "l7": parts.get("libelle_pays_etranger", "FRANCE"),
        },
    }


def etablissement(
    siret: str,
    *,
    unite: dict[str, Any],
    place: dict[str, Any],
    created: int | None,
    closed: int | None = None,
    enseigne: str | None = None,
    is_siege: bool = True,
    staff: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return `data` of an établissement; its diffusion is that of its unité légale."""
    return {
        "siret": siret,
        "siege_social": is_siege,
        "etat_administratif": "F" if closed else "A",
        "date_creation": created,
        "date_fermeture": closed,
        "enseigne": enseigne,
        "status_diffusion": unite["status_diffusion"],
        "diffusable_commercialement": unite["diffusable_commercialement"],
        "activite_principale": unite["activite_principale"],
        "activite_principale_naf_rev2": unite["activite_principale_naf_rev2"],
        "tranche_effectif_salarie": staff or unite["tranche_effectif_salarie"],
        "adresse": place,
        "unite_legale": unite,
    }


def unite_legale(
    siret_siege: str,
    *,
    forme: tuple[str, str],
    naf: dict[str, Any],
    naf_rev2: dict[str, Any],
    staff: dict[str, Any],
    created: int | None,
    raison_sociale: str | None = None,
    sigle: str | None = None,
    personne: dict[str, str] | None = None,
    categorie: str | None = "PME",
    status: str = "diffusible",
    is_active: bool = True,
    rna: str | None = None,
) -> dict[str, Any]:
    """Return the unité légale of a company, or of a self-employed person when `personne` is set."""
    attributs = (
        "pseudonyme", "prenom_usuel", "prenom_1", "prenom_2", "prenom_3", "prenom_4",
        "nom_usage", "nom_naissance", "sexe",
    )  # fmt: skip
    return {
        "siren": siret_siege[:9],
        "rna": rna,
        "siret_siege_social": siret_siege,
        "type": "personne_physique" if personne else "personne_morale",
        "personne_morale_attributs": {"raison_sociale": raison_sociale, "sigle": sigle},
        "personne_physique_attributs": {key: (personne or {}).get(key) for key in attributs},
        "categorie_entreprise": categorie,
        "status_diffusion": status,
        "diffusable_commercialement": status == "diffusible",
        "forme_juridique": {"code": forme[0], "libelle": forme[1]},
        "activite_principale": naf,
        "activite_principale_naf_rev2": naf_rev2,
        "tranche_effectif_salarie": staff,
        "etat_administratif": "A" if is_active else "C",
        "economie_sociale_et_solidaire": forme[0].startswith("92"),
        "date_creation": created,
    }


_NOTHING = {"valeur": None, "code": None}
_NO_ADDRESS = dict.fromkeys(
    (
        "nom_postal", "numero", "type", "voie", "ligne_1", "ligne_2", "localite", "code_postal",
        "bureau_distributeur", "pays",
    )
)  # fmt: skip
_NOBODY = {
    "nom": None,
    "prenom": None,
    "nationalite": _NOTHING,
    "naissance": {"date": None, "lieu": None, "pays": _NOTHING},
    "adresse": _NO_ADDRESS,
}
_PRESIDENT = {
    "type": "personne_physique",
    "fonction": "PRESIDENT",
    "nom": "DELMAS",
    "prenom": "JEANNE",
    "date_naissance": "1971-05",
}


def extrait_rcs(siren: str, name: str, montant: float | None, greffe: str) -> dict[str, Any]:
    """Return `data` of an extrait RCS of a company."""
    return {
        "siren": siren,
        "date_immatriculation": "2014-03-21",
        "date_radiation": None,
        "date_extrait": "2026-11-02",
        "nom_commercial": None,
        "capital": {"montant": montant, "devise": "Euros", "code_devise": "EUR"},
        "greffe": {"valeur": greffe, "code": "5902"},
        "etablissement_principal": {
            "activite": None,
            "origine_fonds": "Création",
            "mode_exploitation": "Exploitation directe",
            "code_ape": None,
        },
        "observations": [],
        "mandataires_sociaux": [_PRESIDENT],
        "personne_morale": {
            "forme_juridique": _NOTHING,
            "denomination": name,
            "date_cloture_exercice_comptable": "12-31",
            "date_fin_de_vie": None,
        },
        "personne_physique": _NOBODY,
    }


def masked(data: dict[str, Any]) -> dict[str, Any]:
    """Return `data` as the public endpoints give it: protected fields are the literal `[ND]`."""
    if data["status_diffusion"] == "diffusible":
        return data
    place, unite = data["adresse"], data["unite_legale"]
    public = ("code_commune", "libelle_commune", "status_diffusion", "libelle_pays_etranger")
    hidden = {key: value if key in public else MASK for key, value in place.items()}
    hidden["acheminement_postal"] = dict.fromkeys(place["acheminement_postal"], MASK)
    person = dict.fromkeys(unite["personne_physique_attributs"], MASK)
    return data | {
        "diffusable_commercialement": True,
        "adresse": hidden,
        "unite_legale": unite
        | {"diffusable_commercialement": True, "personne_physique_attributs": person},
    }
