"""The invented companies of the demo, and the numbers that play an accident.

Their SIREN start with 000, which INSEE gives to nobody; only La Poste's is real, for the sake of
its key, and the commune's, whose number no commune bears.
"""

from typing import Any

from entreprise_api.simulator.shapes import (
    activite,
    adresse,
    etablissement,
    extrait_rcs,
    timestamp,
    tranche,
    unite_legale,
)

NAF_2025, NAF_REV2 = "NAF2025", "NAFRev2"


def _company(
    kind: str, data: dict[str, Any], extrait: dict[str, Any] | None = None
) -> dict[str, Any]:
    return {"kind": kind, "name": data_name(data), "data": data, "extrait": extrait}


def _transports() -> dict[str, Any]:
    siret, created = "00041872300011", timestamp(2014, 3, 17)
    unite = unite_legale(
        siret,
        raison_sociale="TRANSPORTS DELMAS ET FILS",
        sigle="TDF",
        forme=("5710", "SAS, société par actions simplifiée"),
        naf=activite("49.41G", "Transports routiers de fret interurbains", NAF_2025),
        naf_rev2=activite("49.41A", "Transports routiers de fret interurbains", NAF_REV2),
        staff=tranche("12"),
        created=created,
    )
    place = adresse(
        name="TRANSPORTS DELMAS ET FILS",
        complement_adresse="ZONE D'ACTIVITES DES PETITS CARREAUX",
        numero_voie="14",
        indice_repetition_voie="B",
        type_voie="AVENUE",
        libelle_voie="DES COQUELICOTS",
        code_postal="94380",
        code_commune="94011",
        libelle_commune="BONNEUIL-SUR-MARNE",
    )
    data = etablissement(siret, unite=unite, place=place, created=created)
    extrait = extrait_rcs(siret[:9], "TRANSPORTS DELMAS ET FILS", 123456.78, "Créteil")
    return _company("SAS de transport routier, avec capital", data, extrait)


def _boulangerie() -> dict[str, Any]:
    siret, created = "00053916300014", timestamp(2019, 7, 1)
    unite = unite_legale(
        siret,
        raison_sociale="LE FOURNIL DE WAZEMMES",
        forme=("5499", "Société à responsabilité limitée (sans autre indication)"),
        naf=activite("10.71G", "Boulangerie et boulangerie-pâtisserie", NAF_2025),
        naf_rev2=activite("10.71C", "Boulangerie et boulangerie-pâtisserie", NAF_REV2),
        staff=tranche("02"),
        created=created,
    )
    place = adresse(
        name="LE FOURNIL DE WAZEMMES",
        numero_voie="8",
        type_voie="RUE",
        libelle_voie="DES SARRAZINS",
        code_postal="59000",
        code_commune="59350",
        libelle_commune="LILLE",
    )
    data = etablissement(
        siret, unite=unite, place=place, created=created, enseigne="AU BON PAIN DU NORD"
    )
    extrait = extrait_rcs(siret[:9], "LE FOURNIL DE WAZEMMES", 8000, "Lille Métropole")
    return _company("SARL avec une enseigne", data, extrait)


def _association() -> dict[str, Any]:
    siret, created = "00067240200013", timestamp(2008, 10, 26)
    unite = unite_legale(
        siret,
        raison_sociale="LES ATELIERS DU FAUBOURG",
        sigle="ADF",
        forme=("9220", "Association déclarée"),
        naf=activite("94.99Y", "Activités des organisations associatives n.c.a.", NAF_2025),
        naf_rev2=activite(
            "94.99Z", "Autres organisations fonctionnant par adhésion volontaire", NAF_REV2
        ),
        staff=tranche("01"),
        created=created,
        rna="W595012345",
    )
    place = adresse(
        name="LES ATELIERS DU FAUBOURG",
        complement_adresse="MAISON DES ASSOCIATIONS",
        numero_voie="27",
        type_voie="RUE",
        libelle_voie="DE L'EPEULE",
        code_postal="59100",
        code_commune="59512",
        libelle_commune="ROUBAIX",
    )
    data = etablissement(siret, unite=unite, place=place, created=created)
    return _company("Association, absente du RCS : capital inconnu", data)


def _commune() -> dict[str, Any]:
    siret = "21599987100019"
    unite = unite_legale(
        siret,
        raison_sociale="COMMUNE DE VILLENEUVE-LES-ESSARTS",
        forme=("7210", "Commune et commune nouvelle"),
        naf=activite("84.11Y", "Administration publique générale", NAF_2025),
        naf_rev2=activite("84.11Z", "Administration publique générale", NAF_REV2),
        staff=tranche("21"),
        created=timestamp(1958, 3, 1),
    )
    place = adresse(
        name="COMMUNE DE VILLENEUVE-LES-ESSARTS",
        complement_adresse="MAIRIE",
        numero_voie="1",
        type_voie="PLACE",
        libelle_voie="DE LA REPUBLIQUE",
        code_postal="59990",
        code_commune="59999",
        libelle_commune="VILLENEUVE-LES-ESSARTS",
    )
    data = etablissement(siret, unite=unite, place=place, created=timestamp(1958, 3, 1))
    return _company("Commune, créée avant 1970", data)


def _protegee() -> dict[str, Any]:
    siret, created = "00072385800015", timestamp(2021, 9, 6)
    unite = unite_legale(
        siret,
        personne={
            "prenom_usuel": "CAMILLE",
            "prenom_1": "CAMILLE",
            "nom_usage": "ROUSSEAU",
            "nom_naissance": "LEFEBVRE",
            "sexe": "F",
        },
        forme=("1000", "Entrepreneur individuel"),
        naf=activite("74.20Y", "Activités photographiques", NAF_2025),
        naf_rev2=activite("74.20Z", "Activités photographiques", NAF_REV2),
        staff=tranche("NN", None),
        created=created,
        status="partiellement_diffusible",
    )
    place = adresse(
        name="",
        person="CAMILLE ROUSSEAU",
        status="partiellement_diffusible",
        numero_voie="3",
        type_voie="IMPASSE",
        libelle_voie="DES GLYCINES",
        code_postal="69100",
        code_commune="69266",
        libelle_commune="VILLEURBANNE",
    )
    data = etablissement(siret, unite=unite, place=place, created=created)
    return _company("Entrepreneuse individuelle qui a demandé à ne pas être publiée", data)


def _fermee() -> dict[str, Any]:
    siret, siege, created = "00081459000147", "00081459000014", timestamp(1998, 1, 5)
    unite = unite_legale(
        siege,
        raison_sociale="MENUISERIE BERNARD",
        forme=("5499", "Société à responsabilité limitée (sans autre indication)"),
        naf=activite("43.32G", "Travaux de menuiserie bois et PVC", NAF_2025),
        naf_rev2=activite("43.32A", "Travaux de menuiserie bois et PVC", NAF_REV2),
        staff=tranche("03"),
        created=created,
    )
    place = adresse(
        name="MENUISERIE BERNARD",
        numero_voie="112",
        type_voie="ROUTE",
        libelle_voie="DE PARIS",
        code_postal="45000",
        code_commune="45234",
        libelle_commune="ORLEANS",
    )
    data = etablissement(
        siret,
        unite=unite,
        place=place,
        created=created,
        closed=timestamp(2024, 6, 30),
        is_siege=False,
        staff=tranche(None),
    )
    extrait = extrait_rcs(siret[:9], "MENUISERIE BERNARD", 7622.45, "Orléans")
    return _company("Établissement fermé d’une société active", data, extrait)


def _grande() -> dict[str, Any]:
    siret, created = "00090127200013", timestamp(1956, 11, 2)
    unite = unite_legale(
        siret,
        raison_sociale="COMPAGNIE GENERALE DES RAILS ET DES ROUTES",
        sigle="CG2R",
        forme=("5599", "SA à conseil d'administration (s.a.i.)"),
        naf=activite("42.12Y", "Construction de voies ferrées", NAF_2025),
        naf_rev2=activite(
            "42.12Z", "Construction de voies ferrées de surface et souterraines", NAF_REV2
        ),
        staff=tranche("53"),
        created=created,
        categorie="GE",
    )
    place = adresse(
        name="COMPAGNIE GENERALE DES RAILS ET DES ROUTES",
        complement_adresse="TOUR EUROPE",
        numero_voie="33",
        type_voie="PLACE",
        libelle_voie="DES COROLLES",
        distribution_speciale="CS 40123",
        code_postal="92400",
        code_commune="92026",
        libelle_commune="COURBEVOIE",
        code_cedex="92049",
        libelle_cedex="PARIS LA DEFENSE CEDEX",
    )
    data = etablissement(siret, unite=unite, place=place, created=created, staff=tranche("42"))
    extrait = extrait_rcs(siret[:9], data_name(data), 1_250_000_000, "Nanterre")
    return _company("Très grande entreprise, adresse CEDEX", data, extrait)


def _bureau_de_poste() -> dict[str, Any]:
    siret, created = "35600000099012", timestamp(1991, 1, 1)
    unite = unite_legale(
        "35600000000048",
        raison_sociale="LA POSTE",
        forme=("5510", "SA nationale à conseil d'administration"),
        naf=activite("53.10Y", "Activités de poste", NAF_2025),
        naf_rev2=activite(
            "53.10Z",
            "Activités de poste dans le cadre d'une obligation de service universel",
            NAF_REV2,
        ),
        staff=tranche("53"),
        created=created,
        categorie="GE",
    )
    place = adresse(
        name="LA POSTE",
        numero_voie="2",
        type_voie="PLACE",
        libelle_voie="DU BEFFROI",
        code_postal="59990",
        code_commune="59999",
        libelle_commune="VILLENEUVE-LES-ESSARTS",
    )
    data = etablissement(
        siret, unite=unite, place=place, created=created, is_siege=False, staff=tranche("01")
    )
    extrait = extrait_rcs(siret[:9], "LA POSTE", 5_857_785_892, "Paris")
    return _company("Bureau de poste : SIRET hors clé de Luhn", data, extrait)


def _etrangere() -> dict[str, Any]:
    siret, created = "00015638000016", timestamp(2017, 4, 12)
    unite = unite_legale(
        siret,
        raison_sociale="VANDERHAEGEN LOGISTICS NV",
        forme=("3120", "Société commerciale étrangère immatriculée au RCS"),
        naf=activite("52.29Y", "Autres services auxiliaires des transports", NAF_2025),
        naf_rev2=activite("52.29B", "Affrètement et organisation des transports", NAF_REV2),
        staff=tranche(None),
        created=created,
        categorie=None,
    )
    place = adresse(
        name="VANDERHAEGEN LOGISTICS NV",
        numero_voie="45",
        type_voie="",
        libelle_voie="NOORDERLAAN",
        libelle_commune_etranger="2030 ANTWERPEN",
        code_pays_etranger="99131",
        libelle_pays_etranger="BELGIQUE",
    )
    data = etablissement(siret, unite=unite, place=place, created=created)
    extrait = extrait_rcs(siret[:9], "VANDERHAEGEN LOGISTICS NV", None, "Lille Métropole")
    return _company("Société étrangère, adresse en Belgique", data, extrait)


def data_name(data: dict[str, Any]) -> str:
    """Return the name by which the demo lists a company."""
    unite = data["unite_legale"]
    person = unite["personne_physique_attributs"]
    return (
        unite["personne_morale_attributs"]["raison_sociale"]
        or f"{person['prenom_usuel']} {person['nom_usage']}"
    )


COMPANIES: dict[str, dict[str, Any]] = {
    company["data"]["siret"]: company
    for company in (
        _transports(),
        _boulangerie(),
        _association(),
        _commune(),
        _protegee(),
        _fermee(),
        _grande(),
        _bureau_de_poste(),
        _etrangere(),
    )
}

SCENARIOS: dict[str, str] = {
    "introuvable": "00099000200016",
    "non_diffusible": "00099001000019",
    "lent": "00099002800011",
    "limite": "00099003600014",
    "erreur_500": "00099004400018",
    "erreur_502": "00099005100013",
    "maintenance": "00099006900015",
    "html": "00099007700018",
    "json_coupe": "00099008500011",
    "redirection": "00041872300029",
}

SCENARIO_LABELS: dict[str, str] = {
    "introuvable": "Numéro inconnu de l’INSEE (404)",
    "non_diffusible": "Établissement jamais diffusé par l’INSEE (451)",
    "lent": "Réponse en 5 secondes : le formulaire continue, la suite vient plus tard",
    "limite": "Limite d’appels atteinte (429) : tous les appels attendent 20 secondes",
    "erreur_500": "Panne interne d’API Entreprise (500)",
    "erreur_502": "Panne de l’INSEE (502)",
    "maintenance": "Maintenance annoncée, retour dans 60 secondes (503)",
    "html": "Page HTML au lieu des données",
    "json_coupe": "Réponse coupée en chemin",
    "redirection": "Doublon : l’INSEE répond pour un autre SIRET de la même société",
}
