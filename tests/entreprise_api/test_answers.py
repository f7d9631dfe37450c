import copy
import datetime
import json
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from entreprise_api import answers
from entreprise_api.models import Etablissement
from entreprise_api.simulator.companies import COMPANIES

TRANSPORTS = COMPANIES["00041872300011"]["data"]


def read(data, **meta):
    return answers.read_etablissement(
        answers.parse(json.dumps({"data": data, "links": {}, "meta": meta}).encode())
    )


def changed(**changes):
    return copy.deepcopy(TRANSPORTS) | changes


def test_every_field_of_a_company_is_read():
    assert read(TRANSPORTS) == {
        "siret_answered": "00041872300011",
        "siren": "000418723",
        "etat_administratif": "A",
        "date_creation": datetime.date(2014, 3, 17),
        "date_fermeture": None,
        "enseigne": "",
        "is_siege": True,
        "diffusable": True,
        "raison_sociale": "TRANSPORTS DELMAS ET FILS",
        "sigle": "TDF",
        "personne": "",
        "is_personne_physique": False,
        "forme_juridique_code": "5710",
        "forme_juridique": "SAS, société par actions simplifiée",
        "unite_legale_active": True,
        "categorie_entreprise": "PME",
        "siret_siege": "00041872300011",
        "naf_code": "49.41G",
        "naf_label": "Transports routiers de fret interurbains",
        "naf_nomenclature": "NAF2025",
        "naf_rev2_code": "49.41A",
        "naf_rev2_label": "Transports routiers de fret interurbains",
        "tranche_effectif_code": "12",
        "effectif": "20 à 49 salariés",
        "effectif_annee": "2023",
        "adresse": "ZONE D'ACTIVITES DES PETITS CARREAUX\n14 B AVENUE DES COQUELICOTS\n"
        "94380 BONNEUIL-SUR-MARNE\nFRANCE",
        "code_postal": "94380",
        "code_commune": "94011",
        "commune": "BONNEUIL-SUR-MARNE",
        "pays": "",
    }


def test_every_field_read_is_a_field_of_the_model():
    names = {field.name for field in Etablissement._meta.get_fields()}
    assert set(read(TRANSPORTS)) | {"fetched_at"} == set(Etablissement.INSEE_FIELDS)
    assert set(Etablissement.INSEE_FIELDS + Etablissement.CAPITAL_FIELDS) <= names


@pytest.mark.parametrize(
    ("timestamp", "expected"),
    [
        (1395010800, datetime.date(2014, 3, 17)),  # winter: 23:00 UTC the day before
        (1561932000, datetime.date(2019, 7, 1)),  # summer: 22:00 UTC the day before
        (0, datetime.date(1970, 1, 1)),
        (-3600, datetime.date(1970, 1, 1)),
        (-373597200, datetime.date(1958, 3, 1)),
        (-2208989361, None),  # 1900-01-01, Paris mean time
        (-2208988800, None),  # 1900-01-01, Greenwich
        (253402297200, None),  # year 10000
        (10**18, None),
        (-(10**18), None),
        (10**400, None),
        (None, None),
        (True, None),
        ("1395010800", None),
        ({}, None),
    ],
)
def test_dates_are_days_in_paris(timestamp, expected):
    assert answers.paris_date(timestamp) == expected


def test_an_absurd_date_does_not_lose_the_company():
    fields = read(changed(date_creation=10**15, date_fermeture=-(10**15)))
    assert fields["date_creation"] is None
    assert fields["date_fermeture"] is None
    assert fields["raison_sociale"] == "TRANSPORTS DELMAS ET FILS"


def test_null_everywhere_is_an_empty_company():
    def nulled(value):
        if isinstance(value, dict):
            return {key: nulled(item) for key, item in value.items()}
        return None

    fields = read(nulled(TRANSPORTS) | {"siret": "00041872300011"})
    assert {value for value in fields.values() if value} == {"00041872300011", "000418723"}
    assert fields["diffusable"] is False


@pytest.mark.parametrize(
    "data", [None, [], "x", 3, {}, {"siret": None}, {"siret": 41872300011}, {"siret": "123"}]
)
def test_an_answer_without_its_siret_is_unusable(data):
    with pytest.raises(answers.UnusableAnswer):
        read(data)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b'{"data": {"siret": "0004', b"[]", b"null", b"\xff\xfe", b"[" * 100_000,
     b"1" * 5000],
)  # fmt: skip
def test_a_body_that_is_no_json_object_is_unusable(body):
    with pytest.raises(answers.UnusableAnswer):
        answers.parse(body)


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"status_diffusion": "partiellement_diffusible"}, None),
        ({"status_diffusion": "non_diffusible"}, None),
        ({"status_diffusion": "un_jour_peut_etre"}, None),
        ({"status_diffusion": 1}, None),
        ({"diffusable_commercialement": False}, None),
        ({"diffusable_commercialement": "false"}, None),
        ({"status_diffusion": "partiellement_diffusible"}, "adresse"),
        ({"status_diffusion": "partiellement_diffusible"}, "unite_legale"),
        ({"diffusable_commercialement": False}, "unite_legale"),
        ({"status_diffusion": None, "diffusable_commercialement": None}, None),
    ],
)
def test_one_status_is_enough_to_protect(changes, part):
    data = changed()
    (data[part] if part else data).update(changes)
    assert read(data)["diffusable"] is False


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        ({"prenom_usuel": "CAMILLE", "nom_usage": "ROUSSEAU", "nom_naissance": "LEFEBVRE"},
         "CAMILLE ROUSSEAU (LEFEBVRE)"),
        ({"prenom_usuel": "CAMILLE", "nom_usage": "LEFEBVRE", "nom_naissance": "LEFEBVRE"},
         "CAMILLE LEFEBVRE"),
        ({"prenom_1": "CAMILLE", "nom_naissance": "LEFEBVRE"}, "CAMILLE LEFEBVRE"),
        ({"nom_usage": "ROUSSEAU"}, "ROUSSEAU"),
        ({"pseudonyme": "LA GRANDE ZOA"}, "LA GRANDE ZOA"),
        ({}, ""),
    ],
)  # fmt: skip
def test_a_person_is_named_by_both_names_when_they_differ(person, expected):
    data = changed()
    data["unite_legale"] |= {"type": "personne_physique", "personne_physique_attributs": person}
    fields = read(data)
    assert fields["personne"] == expected
    assert fields["raison_sociale"] == ""


def test_the_attributes_of_the_other_type_are_ignored():
    data = changed()
    data["unite_legale"]["personne_physique_attributs"] = {"nom_usage": "ROUSSEAU"}
    assert read(data)["personne"] == ""


def test_an_address_without_postal_lines_is_composed():
    data = changed()
    data["adresse"]["acheminement_postal"] = {}
    assert read(data)["adresse"] == (
        "ZONE D'ACTIVITES DES PETITS CARREAUX\n14 B AVENUE DES COQUELICOTS\n"
        "94380 BONNEUIL-SUR-MARNE"
    )


def test_the_name_is_not_repeated_in_the_address():
    assert "DELMAS" not in read(TRANSPORTS)["adresse"]


def test_cedex_and_foreign_addresses():
    cedex = read(COMPANIES["00090127200013"]["data"])
    assert cedex["adresse"].splitlines()[-2:] == ["92049 PARIS LA DEFENSE CEDEX", "FRANCE"]
    belge = read(COMPANIES["00015638000016"]["data"])
    assert belge["adresse"].splitlines() == ["45 NOORDERLAAN", "2030 ANTWERPEN", "BELGIQUE"]
    assert (belge["commune"], belge["pays"]) == ("2030 ANTWERPEN", "BELGIQUE")


def test_text_is_made_fit_for_the_database():
    data = changed()
    data["unite_legale"]["personne_morale_attributs"]["raison_sociale"] = (
        " A\x00B\n\tC \ud800 " + "x" * 1000
    )
    name = read(data)["raison_sociale"]
    assert name.startswith("AB C x")
    assert len(name) == 500


def test_masked_fields_are_empty():
    data = changed(enseigne="[ND]")
    data["adresse"]["acheminement_postal"] = dict.fromkeys(("l3", "l4", "l6"), "[ND]")
    for key in ("numero_voie", "type_voie", "libelle_voie", "code_postal"):
        data["adresse"][key] = "[ND]"
    fields = read(data)
    assert "[ND]" not in str(fields)


@pytest.mark.parametrize(
    ("code", "expected"),
    [("6201Z", "62.01Z"), ("62.01Z", "62.01Z"), ("0000Z", "00.00Z"), (None, ""), ("7A", "7A")],
)
def test_naf_codes_have_their_dot(code, expected):
    data = changed(activite_principale={"code": code, "libelle": "x", "nomenclature": None})
    assert read(data)["naf_code"] == expected


@pytest.mark.parametrize(
    ("literal", "expected"),
    [
        ("1234.56", Decimal("1234.56")),
        ("0.1", Decimal("0.10")),
        ("8000", Decimal("8000.00")),
        ("7622.4550000000001", Decimal("7622.46")),
        ("null", None),
        ("true", None),
        ("-5", None),
        ("NaN", None),
        ("Infinity", None),
        ("1e400", None),
        ("1e-400", Decimal("0.00")),
        ("1e999999999999999999999", None),
        ("1000000000000000000000", None),
        ('"1234,56"', None),
        ("{}", None),
    ],
)
def test_the_capital_is_exact_or_unknown(literal, expected):
    body = f'{{"data": {{"capital": {{"montant": {literal}, "code_devise": "EUR"}}}}}}'
    fields = answers.read_capital(answers.parse(body.encode()))
    assert fields == {"capital_social": expected, "capital_devise": "EUR"}


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


def _paths(data, prefix=()):
    for key, value in data.items():
        yield (*prefix, key)
        if isinstance(value, dict):
            yield from _paths(value, (*prefix, key))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(sorted(_paths(TRANSPORTS))), JUNK), max_size=8))
def test_junk_anywhere_never_breaks_the_rest(changes):
    data = copy.deepcopy(TRANSPORTS)
    for path, junk in changes:
        target = data
        for key in path[:-1]:
            target = target.get(key) if isinstance(target, dict) else None
        if isinstance(target, dict):
            target[path[-1]] = junk
    try:
        fields = read(data)
    except answers.UnusableAnswer:
        return
    etablissement = Etablissement(siret="00041872300011", **fields)
    etablissement.full_clean(exclude=["fetched_at"], validate_constraints=False)
    assert "\x00" not in str(fields)
