"""The documents of a dossier: the page, the attestation de dépôt."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from dossiers import workflow
from procedures.champs import new_champ
from procedures.enums import Demandeurs
from tests.accounts.factories import UserFactory
from tests.courriels.factories import CourrielFactory
from tests.dossiers.essais import essai_of, procedure_to_try
from tests.dossiers.factories import AttestationFactory, DossierFactory, PieceJointeFactory
from tests.entreprise_api.factories import EtablissementFactory
from tests.markup import Markup
from tests.procedures.factories import AffectationFactory, ProcedureFactory

pytestmark = pytest.mark.django_db

SHA256 = "0123456789abcdef" * 4


@pytest.fixture
def procedure():
    return ProcedureFactory(
        title="Aide aux bibliothèques",
        service_name="Bureau des aides",
        demandeurs=Demandeurs.TOUS,
        champs=[
            new_champ("texte_court", id="objet1", label="Objet"),
            new_champ("piece_jointe", id="piece1", label="Devis", required=False),
            new_champ("bloc_repetable", id="bloc1", label="Dépenses", required=False),
            new_champ("piece_jointe", id="facture1", label="Facture", bloc="bloc1"),
        ],
    )


@pytest.fixture
def dossier(procedure):
    reponses = {"objet1": "Livres", "bloc1": ["a1"]}
    dossier = DossierFactory(procedure=procedure, reponses=reponses)
    PieceJointeFactory(dossier=dossier, name="devis.pdf", sha256=SHA256)
    PieceJointeFactory(dossier=dossier, champ_id="facture1-a1", name="facture.pdf")
    workflow.run(workflow.SUBMIT, dossier.pk, by=dossier.usager)
    dossier.refresh_from_db()
    return dossier


def pdf_of(response) -> PdfReader:
    assert response.status_code == 200
    assert response["Content-Type"] == "application/pdf"
    return PdfReader(BytesIO(response.content))


def text_of(response) -> str:
    return " ".join(" ".join(page.extract_text().split()) for page in pdf_of(response).pages)


def depot_url(dossier) -> str:
    return f"/dossiers/{dossier.pk}/attestation-de-depot/"


def test_page_gathers_the_documents(client_for, dossier):
    page = Markup(client_for(dossier.usager).get(f"/dossiers/{dossier.pk}/documents/"))

    links = [link["href"] for link in page.all("main section a")]
    assert f"/dossiers/{dossier.pk}/recapitulatif/" in links
    assert depot_url(dossier) in links
    files = {f"/dossiers/fichiers/{it.pk}/" for it in dossier.pieces_jointes.all()}
    assert files <= set(links)
    assert page.one('nav[aria-label="Pages de ce dossier"] [aria-current]').text == "Documents"


def test_page_offers_the_attestation_of_the_decision(client_for):
    dossier = AttestationFactory().dossier

    page = client_for(dossier.usager).get(f"/dossiers/{dossier.pk}/documents/").content.decode()

    assert f"/dossiers/{dossier.pk}/attestation/" in page


def test_brouillon_has_no_attestation_yet(client_for):
    dossier = DossierFactory()
    client = client_for(dossier.usager)

    page = client.get(f"/dossiers/{dossier.pk}/documents/").content.decode()

    assert "dès que le dossier sera soumis" in page
    assert client.get(depot_url(dossier)).status_code == 404


def test_attestation_says_what_was_filed_by_whom_and_when(client_for, dossier):
    dossier.usager.refresh_from_db()
    response = client_for(dossier.usager).get(depot_url(dossier))

    text = text_of(response)
    for said in (
        f"Dossier nº {dossier.pk}",
        "Aide aux bibliothèques",
        dossier.procedure.organisme.name,
        "Bureau des aides",
        dossier.personne_name,
        dossier.usager.email,
        "devis.pdf",
        "facture.pdf",
        "Facture",
        SHA256,
        "Dossier déposé",
    ):
        assert said in text
    assert f'filename="attestation-depot-{dossier.pk}.pdf"' in response["Content-Disposition"]
    reader = pdf_of(response)
    assert reader.root_object["/MarkInfo"]["/Marked"]
    assert reader.root_object["/Lang"] == "fr"


def test_attestation_dates_the_state_at_each_step(client_for, dossier):
    accompagnateur = AffectationFactory(
        procedure=dossier.procedure, user=UserFactory(first_name="Agathe", last_name="Interne")
    ).user
    for action in (
        workflow.START_INSTRUCTION,
        workflow.RETURN_TO_CONSTRUCTION,
        workflow.START_INSTRUCTION,
        workflow.REJECT,
    ):
        workflow.run(action, dossier.pk, by=accompagnateur, motivation="Non.")
    workflow.archive(dossier.pk, by=accompagnateur)

    text = text_of(client_for(dossier.usager).get(depot_url(dossier)))

    steps = [
        "Dossier déposé En construction",
        "Passé en instruction En instruction",
        "Repassé en construction En construction",
        "Passé en instruction En instruction",
        "Rejeté Rejeté",
    ]
    places = []
    for step in steps:
        places.append(text.index(step, places[-1] + 1 if places else 0))
    assert places == sorted(places)
    assert "Agathe" not in text
    assert "Archivé" not in text


def test_attestation_hides_a_protected_company(client_for, procedure):
    hidden = EtablissementFactory(raison_sociale="Secretissime", diffusable=False)
    dossier = DossierFactory(procedure=procedure, etablissement=hidden, en_construction=True)

    text = text_of(client_for(dossier.usager).get(depot_url(dossier)))

    assert "Secretissime" not in text


def test_attestation_of_a_test_is_worth_nothing(client_for):
    dossier = essai_of(procedure_to_try(), en_construction=True)

    assert "aucune valeur" in text_of(client_for(dossier.usager).get(depot_url(dossier)))


def test_emails_of_another_are_not_shown(client_for, dossier):
    reference = f"dossier:{dossier.pk}"
    CourrielFactory(reference=reference, to_email="autre@exemple.fr", subject="Pas pour vous")

    page = client_for(dossier.usager).get(f"/dossiers/{dossier.pk}/documents/").content.decode()

    assert "Pas pour vous" not in page
