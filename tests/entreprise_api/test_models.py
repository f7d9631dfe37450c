import datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError

from entreprise_api.enums import CapitalState, LookupState
from entreprise_api.models import Etablissement, format_amount
from tests.entreprise_api.factories import EtablissementFactory


def test_public_rows_of_a_company(db):
    assert EtablissementFactory().public_rows() == [
        ("SIRET", "000 418 723 00011"),
        ("Dénomination", "TRANSPORTS DELMAS ET FILS"),
        ("Sigle", "TDF"),
        ("Forme juridique", "SAS, société par actions simplifiée"),
        ("Code NAF", "49.41G"),
        ("Activité", "Transports routiers de fret interurbains"),
        ("Effectif", "20 à 49 salariés (2023)"),
        ("Adresse", "14 B AVENUE DES COQUELICOTS\n94380 BONNEUIL-SUR-MARNE\nFRANCE"),
        ("Capital social", "123\u00a0456,78\u00a0€"),
        ("Date de création", "17/03/2014"),
        ("État", "En activité"),
    ]


def test_protected_fields_are_never_public():
    etablissement = EtablissementFactory.build(protected=True)
    rows = dict(etablissement.public_rows())
    assert etablissement.is_protected
    assert set(rows) == {
        "SIRET", "Forme juridique", "Code NAF", "Activité", "Effectif", "Commune",
        "Date de création", "État",
    }  # fmt: skip
    shown = f"{rows} {etablissement.public_name}"
    for secret in ("ROUSSEAU", "LEFEBVRE", "Camille", "GLYCINES", "69100"):
        assert secret not in shown
        assert secret in f"{etablissement.full_rows()} {etablissement.name}"
    assert etablissement.public_name == "000 418 723 00011"


@pytest.mark.parametrize("secret", ["raison_sociale", "sigle", "enseigne", "personne"])
def test_no_name_of_a_protected_company_is_public(secret):
    etablissement = EtablissementFactory.build(diffusable=False, **{secret: "NOM-SECRET"})
    assert "NOM-SECRET" not in f"{etablissement.public_rows()} {etablissement.public_name}"


def test_a_new_row_shows_nothing_by_mistake():
    etablissement = Etablissement(siret="00041872300011", raison_sociale="SECRET", diffusable=True)
    assert etablissement.is_pending
    assert not etablissement.is_protected
    assert etablissement.public_rows() == [("SIRET", "000 418 723 00011")]
    assert etablissement.full_rows() == [("SIRET", "000 418 723 00011")]
    assert Etablissement(siret="00041872300011").diffusable is False


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"enseigne": "AU BON PAIN"}, "AU BON PAIN - BONNEUIL-SUR-MARNE"),
        ({"enseigne": "AU BON PAIN", "commune": ""}, "AU BON PAIN"),
        ({}, "TRANSPORTS DELMAS ET FILS"),
        (
            {"forme_juridique_code": "9220", "enseigne": "LA SALLE", "raison_sociale": "ATELIERS"},
            "ATELIERS",
        ),
        ({"raison_sociale": "", "personne": "CAMILLE ROUSSEAU"}, "CAMILLE ROUSSEAU"),
        ({"raison_sociale": ""}, "TDF"),
        ({"raison_sociale": "", "sigle": ""}, "000 418 723 00011"),
    ],
)
def test_the_name_shown(attributes, expected):
    assert EtablissementFactory.build(**attributes).name == expected


@pytest.mark.parametrize(
    ("attributes", "label", "is_closed"),
    [
        ({}, "En activité", False),
        ({"closed": True}, "Fermé depuis le 30/06/2024", True),
        ({"closed": True, "date_fermeture": None}, "Fermé", True),
        ({"etat_administratif": ""}, "Non renseigné", False),
    ],
)
def test_open_or_closed(attributes, label, is_closed):
    etablissement = EtablissementFactory.build(**attributes)
    assert (etablissement.etat_label, etablissement.is_closed) == (label, is_closed)


def test_full_rows_hold_all_the_rest():
    etablissement = EtablissementFactory.build(
        siret="00081459000147",
        siret_siege="00081459000014",
        is_siege=False,
        closed=True,
        unite_legale_active=False,
        naf_rev2_code="43.32A",
        naf_rev2_label="Travaux de menuiserie bois et PVC",
        siret_answered="00081459000014",
    )
    rows = dict(etablissement.full_rows())
    assert set(dict(etablissement.public_rows())) <= set(rows)
    assert rows["SIREN"] == "000 814 590"
    assert rows["SIRET du siège"] == "000 814 590 00014"
    assert rows["SIRET actuel selon l’INSEE"] == "000 814 590 00014"
    assert rows["NAF rév. 2"] == "43.32A Travaux de menuiserie bois et PVC"
    assert rows["Catégorie d’entreprise"] == "Petite ou moyenne entreprise"
    assert rows["Unité légale"] == "Cessée"
    assert all(value for value in rows.values())


def test_what_is_unknown_is_said():
    etablissement = EtablissementFactory.build(
        forme_juridique="", naf_code="", naf_label="", effectif="", adresse="", sigle="",
        raison_sociale="", date_creation=None, capital_social=None,
        capital_state=CapitalState.INCONNU, etat_administratif="",
    )  # fmt: skip
    rows = dict(etablissement.public_rows())
    assert rows.pop("SIRET") == "000 418 723 00011"
    assert set(rows.values()) == {"Non renseigné"}


def test_a_capital_on_its_way_is_said():
    etablissement = EtablissementFactory.build(capital_state=CapitalState.A_RECUPERER)
    assert dict(etablissement.public_rows())["Capital social"] == "En cours de récupération"


@pytest.mark.parametrize(
    ("amount", "devise", "expected"),
    [
        ("1234.56", "EUR", "1\u00a0234,56\u00a0€"),
        ("1234.5", "", "1\u00a0234,50\u00a0€"),
        ("0", "Euros", "0,00\u00a0€"),
        ("1250000000", "USD", "1\u00a0250\u00a0000\u00a0000,00\u00a0USD"),
    ],
)
def test_amounts_are_written_in_french(amount, devise, expected):
    assert format_amount(Decimal(amount), devise) == expected


def test_days_of_other_centuries_are_written():
    etablissement = EtablissementFactory.build(date_creation=datetime.date(1872, 1, 2))
    assert dict(etablissement.public_rows())["Date de création"] == "02/01/1872"


@pytest.mark.parametrize("siret", ["", "123", "0004187230001A"])
def test_the_database_refuses_what_is_no_siret(db, siret):
    with pytest.raises(IntegrityError):
        EtablissementFactory(siret=siret)


def test_the_directory_page_is_that_of_the_number_answered():
    etablissement = EtablissementFactory.build(siret_answered="00081459000014")
    assert etablissement.annuaire_url.endswith("/etablissement/00081459000014")


@pytest.mark.parametrize("state", [state for state in LookupState if state != "complet"])
def test_rows_without_data_show_the_number_alone(state):
    etablissement = EtablissementFactory.build(state=state)
    assert etablissement.public_rows() == [("SIRET", "000 418 723 00011")]
