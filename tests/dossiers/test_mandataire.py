"""Filling in for somebody else: who is who is said everywhere, and the person is told."""

from io import BytesIO

import pytest
from django.db import IntegrityError, transaction
from pypdf import PdfReader

from courriels.models import Courriel
from dossiers import workflow
from dossiers.models import Dossier
from procedures.enums import Demandeurs
from tests.accounts.factories import UserFactory
from tests.dossiers.essais import essai_of, procedure_to_try
from tests.dossiers.factories import DossierFactory
from tests.markup import Markup
from tests.procedures.factories import AffectationFactory, ProcedureFactory

pytestmark = pytest.mark.django_db

POSTED = {
    "pour": "autre",
    "mandataire_prenom": "Paul",
    "mandataire_nom": "Aidant",
    "civilite": "Mme",
    "prenom": "Jeanne",
    "nom": "Aidée",
    "beneficiaire_email": "Jeanne@exemple.fr",
}
SAID = "Rempli par Paul Aidant, mandataire, pour Madame Jeanne Aidée"
STORED = {key: value for key, value in POSTED.items() if key != "pour"} | {
    "beneficiaire_email": "jeanne@exemple.fr"
}


@pytest.fixture
def procedure():
    return ProcedureFactory(demandeurs=Demandeurs.PARTICULIER)


@pytest.fixture
def dossier(procedure):
    return DossierFactory(procedure=procedure, **STORED)


@pytest.fixture
def accompagnateur(procedure):
    return AffectationFactory(procedure=procedure).user


def stored(dossier) -> dict:
    return Dossier.objects.values(*STORED).get(pk=dossier.pk)


def identify(client_for, dossier, **changes):
    url = f"/dossiers/{dossier.pk}/identification/personne/"
    return client_for(dossier.usager).post(url, POSTED | changes)


def test_two_people_are_noted(client_for, procedure):
    usager = UserFactory(first_name="Paul", last_name="Aidant")
    dossier = DossierFactory(procedure=procedure, usager=usager, prenom="", nom="", civilite="")
    client, url = client_for(usager), f"/dossiers/{dossier.pk}/identification/"

    link = Markup(client.get(url)).one('a[href*="pour=autre"]')
    form = Markup(client.get(f"{url}?demandeur=particulier&pour=autre"))
    response = identify(client_for, dossier)

    assert link.text == "Je remplis pour quelqu’un d’autre"
    assert form.one("#id_mandataire_prenom")["value"] == "Paul"
    assert response.url == f"/dossiers/{dossier.pk}/modifier/"
    assert stored(dossier) == STORED


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mandataire_nom": ""}, "Indiquez votre nom."),
        ({"nom": " "}, "Indiquez le nom du bénéficiaire."),
        ({"civilite": ""}, "Choisissez la civilité du bénéficiaire."),
        ({"beneficiaire_email": "jeanne"}, "Saisissez une adresse email complète"),
        ({"beneficiaire_email": "MANDATAIRE"}, "C’est votre adresse."),
    ],
)
def test_bad_input_is_explained_and_changes_nothing(client_for, procedure, changes, message):
    dossier = DossierFactory(procedure=procedure, prenom="", nom="", civilite="")
    if changes.get("beneficiaire_email") == "MANDATAIRE":
        changes = {"beneficiaire_email": dossier.usager.email}

    page = identify(client_for, dossier, **changes).content.decode()

    assert message in page
    assert "Vous remplissez pour quelqu’un d’autre" in page
    assert 'value="Jeanne"' in page
    assert set(stored(dossier).values()) == {""}


def test_address_is_optional(client_for, dossier):
    identify(client_for, dossier, beneficiaire_email="")

    assert stored(dossier) == STORED | {"beneficiaire_email": ""}


def test_filling_in_for_oneself_again_forgets_the_other(client_for, dossier):
    client = client_for(dossier.usager)
    url = f"/dossiers/{dossier.pk}/identification/"
    assert Markup(client.get(url)).one("#id_nom")["value"] == "Aidée"
    mine = Markup(client.get(f"{url}?demandeur=particulier&pour=moi"))
    assert mine.one("#id_nom")["value"] == dossier.usager.last_name

    client.post(f"{url}personne/", {"civilite": "M.", "prenom": "Paul", "nom": "Aidant"})

    fresh = Dossier.objects.get(pk=dossier.pk)
    assert (fresh.mandataire_name, fresh.beneficiaire_email) == ("", "")
    assert fresh.personne_name == "Paul Aidant"


def test_database_refuses_a_beneficiaire_without_mandataire(dossier):
    with pytest.raises(IntegrityError), transaction.atomic():
        Dossier.objects.filter(pk=dossier.pk).update(mandataire_nom="")


def test_both_are_named_on_every_page(client_for, dossier, accompagnateur):
    mine, address = client_for(dossier.usager), f"/dossiers/{dossier.pk}/"
    pages = [mine.get(f"{address}modifier/"), mine.get(f"{address}verifier/")]
    workflow.run(workflow.SUBMIT, dossier.pk, by=dossier.usager)
    pages += [mine.get(address), mine.get(f"{address}documents/"), mine.get(f"{address}modifier/")]
    pages.append(client_for(accompagnateur).get(f"/instruction{address}"))

    for page in pages:
        assert SAID in Markup(page).one("main").text, page.request["PATH_INFO"]
    for vue in ("cartes", "tableau"):
        listed = Markup(mine.get("/dossiers/", {"vue": vue})).one("main").text
        assert "par Paul Aidant" in listed


@pytest.mark.parametrize("pdf", ["recapitulatif", "attestation-de-depot"])
def test_both_are_named_in_pdfs(client_for, dossier, pdf):
    workflow.run(workflow.SUBMIT, dossier.pk, by=dossier.usager)

    response = client_for(dossier.usager).get(f"/dossiers/{dossier.pk}/{pdf}/")

    text = " ".join(page.extract_text() for page in PdfReader(BytesIO(response.content)).pages)
    assert "Paul Aidant" in text
    assert "Jeanne Aidée" in text


@pytest.mark.parametrize("text", ["aidant", "aidee", "jeanne"])
def test_both_are_found(client_for, dossier, accompagnateur, text):
    workflow.run(workflow.SUBMIT, dossier.pk, by=dossier.usager)
    DossierFactory(procedure=dossier.procedure, en_construction=True)

    mine = client_for(dossier.usager).get("/dossiers/", {"q": text})
    theirs = client_for(accompagnateur).get("/instruction/recherche/", {"q": text})

    for response in (mine, theirs):
        assert [found.pk for found in response.context["page"]] == [dossier.pk]


def test_beneficiaire_is_told_of_the_deposit_and_of_the_decision(dossier, accompagnateur, settings):
    workflow.run(workflow.SUBMIT, dossier.pk, by=dossier.usager)
    workflow.run(workflow.START_INSTRUCTION, dossier.pk, by=accompagnateur)
    workflow.run(workflow.REJECT, dossier.pk, by=accompagnateur, motivation="Secret entre nous.")

    told = Courriel.objects.filter(to_email="jeanne@exemple.fr").order_by("pk")
    assert [it.kind for it in told] == ["beneficiaire_depot", "beneficiaire_decision"]
    for courriel in told:
        assert "Paul Aidant" in courriel.body_text
        assert "ne donne pas accès" in courriel.body_text
        for secret in (f"/dossiers/{dossier.pk}", "Achat de livres", "Secret entre nous"):
            assert secret not in courriel.body_text + courriel.body_html
        assert f"{settings.SITE_URL}/dossiers" not in courriel.body_html
    assert "rejeté" in told[1].body_text


def test_nobody_is_told_without_an_address_or_in_a_test(accompagnateur, procedure):
    silent = DossierFactory(procedure=procedure, **STORED | {"beneficiaire_email": ""})
    essai = essai_of(procedure_to_try(), **STORED)
    workflow.run(workflow.SUBMIT, silent.pk, by=silent.usager)
    workflow.run(workflow.SUBMIT, essai.pk, by=essai.usager)

    people = set(Courriel.objects.values_list("to_email", flat=True))
    assert people == {silent.usager.email, essai.usager.email}
