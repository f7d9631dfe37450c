"""Checking one's answers, then filing the dossier."""

import pytest

from courriels.models import Courriel
from dossiers.models import Dossier
from procedures.champs import new_champ
from tests.dossiers.factories import DossierFactory, PieceJointeFactory
from tests.procedures.factories import ProcedureFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def procedure():
    return ProcedureFactory(
        champs=[
            new_champ("texte_court", id="objet1", label="Objet"),
            new_champ("oui_non", id="accord1", label="D’accord ?"),
            new_champ("piece_jointe", id="piece1", label="Devis"),
        ]
    )


def complete(procedure, **fields):
    dossier = DossierFactory(
        procedure=procedure, reponses={"objet1": "Des <b>livres</b>", "accord1": False}, **fields
    )
    PieceJointeFactory(dossier=dossier, name="mon devis.pdf")
    return dossier


def text(response) -> str:
    return response.content.decode()


def test_review_shows_every_answer_with_a_link_to_change_it(procedure, client_for):
    dossier = complete(procedure)

    page = text(client_for(dossier.usager).get(f"/dossiers/{dossier.pk}/verifier/"))

    assert "Des &lt;b&gt;livres&lt;/b&gt;" in page
    assert "Non" in page
    assert "mon devis.pdf" in page
    assert f'href="/dossiers/{dossier.pk}/modifier/#champ-objet1"' in page
    assert "Soumettre mon dossier" in page
    assert "data-tps-error-summary" not in page


def test_review_of_an_incomplete_dossier_leads_to_what_is_missing(procedure, client_for):
    dossier = DossierFactory(procedure=procedure, reponses={}, nom="")

    page = text(client_for(dossier.usager).get(f"/dossiers/{dossier.pk}/verifier/"))

    assert "data-tps-error-summary" in page
    assert f'<a href="/dossiers/{dossier.pk}/identification/">Indiquez qui dépose' in page
    assert "Objet&nbsp;: Répondez à cette question." in page
    assert "Devis&nbsp;: Joignez le document demandé." in page
    assert "Soumettre mon dossier" not in page
    assert "Compléter mon dossier" in page


def test_box_that_must_be_ticked_is_asked_for_in_its_own_words(client_for):
    procedure = ProcedureFactory(
        champs=[new_champ("case_a_cocher", id="accord1", label="Je m’engage")]
    )
    dossier = DossierFactory(procedure=procedure, reponses={})

    page = text(client_for(dossier.usager).get(f"/dossiers/{dossier.pk}/verifier/"))

    assert "Je m’engage&nbsp;: Cochez cette case pour continuer." in page


def test_option_that_is_gone_must_be_chosen_again(client_for):
    procedure = ProcedureFactory(
        champs=[new_champ("choix_unique", id="choix1", label="Choix", options=["Un", "Deux"])]
    )
    dossier = DossierFactory(procedure=procedure, reponses={"choix1": "Trois"})

    page = text(client_for(dossier.usager).get(f"/dossiers/{dossier.pk}/verifier/"))

    assert "Choix&nbsp;: Choisissez une option de la liste." in page


def test_submission_says_what_happens_next_and_which_email_left(
    procedure, client_for, django_capture_on_commit_callbacks, mailoutbox
):
    dossier = complete(procedure)

    client = client_for(dossier.usager)

    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(f"/dossiers/{dossier.pk}/soumettre/")
    page = text(client.get(response.url))

    assert response.url == f"/dossiers/{dossier.pk}/"
    assert f"Votre dossier nº {dossier.pk} est déposé." in page
    assert "Et maintenant" in page
    documents = text(client.get(f"{response.url}documents/"))
    assert "envoyé le" in documents
    [courriel] = Courriel.objects.for_reference(f"dossier:{dossier.pk}")
    assert courriel.subject in documents
    [message] = mailoutbox
    assert message.to == [dossier.usager.email]


def test_second_submission_ends_on_the_page_of_the_dossier(procedure, client_for):
    dossier = complete(procedure)
    client = client_for(dossier.usager)

    urls = [client.post(f"/dossiers/{dossier.pk}/soumettre/").url for _ in range(2)]

    assert urls == [f"/dossiers/{dossier.pk}/"] * 2
    assert dossier.history.count() == 1
    assert Courriel.objects.count() == 1


def test_incomplete_submission_comes_back_to_the_review(procedure, client_for):
    dossier = DossierFactory(procedure=procedure, reponses={})

    response = client_for(dossier.usager).post(f"/dossiers/{dossier.pk}/soumettre/")

    assert response.url == f"/dossiers/{dossier.pk}/verifier/"
    assert Dossier.objects.get(pk=dossier.pk).is_brouillon


def test_closed_procedure_keeps_the_brouillon_and_says_so(procedure, client_for):
    dossier = complete(procedure)
    type(procedure).objects.filter(pk=procedure.pk).update(state="close")

    response = client_for(dossier.usager).post(f"/dossiers/{dossier.pk}/soumettre/", follow=True)

    assert "n’accepte plus de nouveaux dossiers. Votre brouillon est conservé." in text(response)
    assert "Soumettre mon dossier</button>" not in text(response)
    assert Dossier.objects.get(pk=dossier.pk).is_brouillon


def test_review_of_a_submitted_dossier_leads_to_its_page(procedure, client_for):
    dossier = complete(procedure, en_construction=True)

    response = client_for(dossier.usager).get(f"/dossiers/{dossier.pk}/verifier/")

    assert response.url == f"/dossiers/{dossier.pk}/"


def test_get_submits_nothing(procedure, client_for):
    dossier = complete(procedure)

    assert client_for(dossier.usager).get(f"/dossiers/{dossier.pk}/soumettre/").status_code == 405
    assert Dossier.objects.get(pk=dossier.pk).is_brouillon
