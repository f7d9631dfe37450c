"""How the service is reached, and the law: what may be written, and where it is shown."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from procedures.champs import new_champ
from procedures.coordonnees import check_cadre_juridique, check_https_url, check_phone
from procedures.publication import missing_before_publication
from tests.markup import Markup
from tests.procedures.factories import AffectationFactory, ProcedureFactory


@pytest.mark.parametrize(
    "number", ["01 40 61 80 80", "+33 1 40 61 80 80", "39 39", "0262 20 00 00", "+32 2 501 81 11"]
)
def test_a_number_that_can_be_dialled_is_taken(number):
    check_phone(number)


@pytest.mark.parametrize("number", ["12", "01 02", "voir le site", "<b>01</b>", "0" * 40, "+999 1"])
def test_what_is_no_number_is_refused(number):
    with pytest.raises(ValidationError, match="numéro de téléphone"):
        check_phone(number)


@pytest.mark.parametrize(
    "url",
    [
        "http://exemple.fr",
        "javascript:alert(1)",
        "data:text/html,a",
        "ftp://exemple.fr/",
        "//exemple.fr",
        "exemple.fr",
        'https://exemple.fr/" onclick="a',
        "https://",
    ],
)
def test_only_a_whole_https_address_is_taken(url):
    check_https_url("https://www.exemple.fr/contact?a=1")
    with pytest.raises(ValidationError, match="https://"):
        check_https_url(url)


@pytest.mark.parametrize(
    "text",
    [
        "Article 12 de la loi du 6 janvier 1978",
        "https://www.legifrance.gouv.fr/a",
        "Voir http://ancien.exemple.fr et le décret nº 2015-1342",
    ],
)
def test_the_legal_basis_is_a_text_or_an_https_address(text):
    check_cadre_juridique(text)


@pytest.mark.parametrize("text", ["http://exemple.fr/loi", "javascript://a", "www.exemple.fr"])
def test_a_legal_basis_that_is_an_address_is_in_https(text):
    with pytest.raises(ValidationError, match="https://"):
        check_cadre_juridique(text)


def test_the_public_page_shows_the_service_and_the_law(client, db):
    procedure = ProcedureFactory(
        service_phone="39 39",
        service_website="https://service.exemple.fr/",
        service_hours="Le matin\nde 9 h à 12 h",
        service_address="1 rue <b>Haute</b>",
        cadre_juridique="https://www.legifrance.gouv.fr/loi",
        donnees_destinataires="Le service instructeur",
        dpo_contact="dpo@exemple.fr",
        retention_months=7,
    )

    page = Markup(client.get(procedure.get_absolute_url()))

    contact, main = page.one("address"), page.one("main").text
    for text in ("39 39", "https://service.exemple.fr/", "de 9 h à 12 h", "1 rue <b>Haute</b>"):
        assert text in contact.text
    for text in ("conservé 7 mois", "Le service instructeur", "dpo@exemple.fr"):
        assert text in main
    assert page.one('main a[href="https://www.legifrance.gouv.fr/loi"]').text
    assert page.one('main a[href="mailto:dpo@exemple.fr"]').text


def test_the_description_refuses_a_wrong_phone_and_address(client_for, db):
    procedure = ProcedureFactory(
        brouillon=True, organisme__administrateurs=[AffectationFactory().user]
    )
    client = client_for(procedure.organisme.administrateurs.get())
    url = reverse("procedures:procedure_edit", args=[procedure.pk])
    fields = {"title": "A", "slug": procedure.slug, "demandeurs": "tous", "retention_months": 3}
    wrong = {
        "service_phone": "non",
        "service_website": "http://a.fr",
        "cadre_juridique": "http://a",
    }

    response = client.post(url, fields | wrong)

    assert set(response.context["form"].errors) == set(wrong)
    procedure.refresh_from_db()
    assert procedure.service_website == ""


@pytest.mark.parametrize("name", ["texte_court", "titre_de_section", "piece_jointe"])
def test_a_champ_that_keeps_its_first_name_is_told_before_publication(name, db):
    champ = new_champ(name, id="anonyme")
    procedure = ProcedureFactory(
        brouillon=True,
        champs=[new_champ("civilite"), champ, new_champ("nombre_entier", label="Âge")],
    )
    AffectationFactory(procedure=procedure)

    missing = missing_before_publication(procedure)

    assert [item.message for item in missing] == [
        f"Champ « {champ.label} » : Donnez-lui un intitulé."
    ]
    assert missing[0].url.endswith("?champ=anonyme#champ-anonyme")
