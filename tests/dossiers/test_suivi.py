"""My dossiers: the list, the page of one, the deletion of a brouillon."""

import re

import pytest
from django.utils import timezone

from courriels.models import Courriel
from dossiers import workflow
from dossiers.models import Dossier
from procedures.champs import new_champ
from tests.accounts.factories import UserFactory
from tests.courriels.factories import CourrielFactory
from tests.dossiers.factories import DossierFactory, PieceJointeFactory
from tests.procedures.factories import AffectationFactory, ProcedureFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def usager():
    return UserFactory()


@pytest.fixture
def client(usager, client_for):
    return client_for(usager)


def text(response) -> str:
    return response.content.decode()


def badges(page: str) -> list[str]:
    return re.findall(r'<span class="fr-badge [^"]*">([^<]+)</span>', page)


def shown(response) -> set[int]:
    return {dossier.pk for dossier in response.context["page"]}


# --- the list -----------------------------------------------------------------------------------


def test_list_without_dossier_says_what_to_do(client):
    page = text(client.get("/dossiers/"))

    assert "Vous n’avez pas encore de dossier" in page
    assert "Trouver une procédure" in page


def test_list_shows_mine_alone_by_tab(client, usager):
    en_cours = {
        DossierFactory(usager=usager).pk,
        DossierFactory(usager=usager, en_construction=True).pk,
        DossierFactory(usager=usager, en_instruction=True).pk,
    }
    termines = {
        DossierFactory(usager=usager, accepte=True).pk,
        DossierFactory(usager=usager, sans_suite=True).pk,
        DossierFactory(usager=usager, rejete=True).pk,
    }
    archives = {
        DossierFactory(usager=usager, accepte=True, archive=True).pk,
        DossierFactory(usager=usager, en_construction=True, archive=True).pk,
    }
    DossierFactory()
    DossierFactory(accepte=True)
    DossierFactory(accepte=True, archive=True)

    first = client.get("/dossiers/")

    assert shown(first) == en_cours
    assert set(badges(text(first))) == {"en brouillon", "en construction", "en instruction"}
    decided = client.get("/dossiers/", {"onglet": "termines"})
    assert shown(decided) == termines
    assert set(badges(text(decided))) == {"accepté", "classé sans suite", "rejeté"}
    archived = client.get("/dossiers/", {"onglet": "archives"})
    assert shown(archived) == archives
    assert "archivé" in badges(text(archived))
    assert [count for _, _, count in first.context["tabs"]] == [3, 3, 2]


def test_list_opens_on_the_first_tab_that_holds_something(client, usager):
    dossier = DossierFactory(usager=usager, accepte=True)

    assert shown(client.get("/dossiers/")) == {dossier.pk}


@pytest.mark.parametrize("query", ["livres", "LÌVR", "ville", "Zoé", "zoe martin"])
def test_search_finds_answers_people_and_titles(client, usager, query):
    procedure = ProcedureFactory(title="Politique de la ville")
    mine = DossierFactory(usager=usager, procedure=procedure, prenom="Zoé", nom="Martin")
    DossierFactory(usager=usager, reponses={"objet1": "Vélo"}, prenom="Luc", nom="Noir")
    DossierFactory(procedure=procedure, prenom="Zoé")

    assert shown(client.get("/dossiers/", {"q": query})) == {mine.pk}


@pytest.mark.parametrize("query", ["' OR 1=1 --", "a & | ! ( :*", "%", "9" * 60, "\x00x"])
def test_hostile_search_finds_nothing_and_does_not_fail(client, usager, query):
    DossierFactory(usager=usager)

    response = client.get("/dossiers/", {"q": query})

    assert response.status_code == 200


def test_list_pages_hold_twenty_dossiers(client, usager):
    procedure = ProcedureFactory()
    DossierFactory.create_batch(21, usager=usager, procedure=procedure)

    first = client.get("/dossiers/")
    second = client.get("/dossiers/", {"suite": first.context["page"].next_cursor})

    assert len(shown(first)) == 20
    assert len(shown(second)) == 1
    assert not shown(first) & shown(second)


@pytest.mark.parametrize("count", [1, 3])
def test_list_queries_do_not_grow(client, usager, django_assert_num_queries, count):
    for _ in range(count):
        DossierFactory(usager=usager)
        DossierFactory(usager=usager, is_test=True)

    # session, user, counts, rows, invitations that wait, tests, roles
    with django_assert_num_queries(7):
        client.get("/dossiers/")


# --- one dossier --------------------------------------------------------------------------------


def test_page_of_a_brouillon_is_its_form(client, usager):
    dossier = DossierFactory(usager=usager)

    assert client.get(f"/dossiers/{dossier.pk}/").url == f"/dossiers/{dossier.pk}/modifier/"


def test_page_follows_the_dossier_to_its_decision(client, usager):
    dossier = DossierFactory(usager=usager)
    accompagnateur = AffectationFactory(procedure=dossier.procedure).user
    address = f"/dossiers/{dossier.pk}/"

    client.post(f"{address}soumettre/")
    submitted = text(client.get(address))
    workflow.run(workflow.START_INSTRUCTION, dossier.pk, by=accompagnateur)
    frozen = text(client.get(address))
    workflow.run(
        workflow.REJECT, dossier.pk, by=accompagnateur, motivation="Hors <i>délai</i>.\nDésolé."
    )
    decided = text(client.get(address))

    assert "Modifier mon dossier" in submitted
    assert "Modifier mon dossier" not in frozen
    assert "ne peut plus être modifié" in frozen
    assert "Votre dossier est rejeté" in decided
    assert "Hors &lt;i&gt;délai&lt;/i&gt;.<br>Désolé." in decided
    assert badges(decided)[0] == "rejeté"
    subjects = Courriel.objects.for_reference(f"dossier:{dossier.pk}").values_list("subject")
    assert len(subjects) == 3
    assert all(subject in decided for (subject,) in subjects)
    assert not {"en instruction", "en construction"} & set(badges(decided))


def test_timeline_dates_each_status(client, usager):
    dossier = DossierFactory(usager=usager)
    accompagnateur = AffectationFactory(procedure=dossier.procedure).user
    client.post(f"/dossiers/{dossier.pk}/soumettre/")
    workflow.run(workflow.START_INSTRUCTION, dossier.pk, by=accompagnateur)
    en_instruction = client.get(f"/dossiers/{dossier.pk}/").context["steps"]
    workflow.run(workflow.RETURN_TO_CONSTRUCTION, dossier.pk, by=accompagnateur)
    returned = client.get(f"/dossiers/{dossier.pk}/").context["steps"]

    first, last = dossier.history.first(), dossier.history.last()
    assert [step.is_current for step in en_instruction] == [False, False, True, False]
    assert en_instruction[1].at == first.at
    assert [step.is_current for step in returned] == [False, True, False, False]
    assert returned[1].at == last.at
    assert returned[2].at is None


def test_page_shows_only_the_emails_of_this_dossier_to_its_usager(client, usager):
    dossier = DossierFactory(usager=usager, en_construction=True)
    reference = f"dossier:{dossier.pk}"
    sent = {"envoye": True, "reference": reference}
    CourrielFactory(**sent, to_email=usager.email, subject="Le mien")
    CourrielFactory(**sent, to_email="autre@exemple.fr", subject="Celui d’un autre")
    CourrielFactory(
        reference=f"dossier:{dossier.pk + 1}", to_email=usager.email, subject="Autre dossier"
    )

    page = text(client.get(f"/dossiers/{dossier.pk}/"))

    assert "Le mien" in page
    assert "Celui d’un autre" not in page
    assert "Autre dossier" not in page


@pytest.mark.parametrize("count", [1, 3])
def test_page_queries_do_not_grow(client, usager, django_assert_num_queries, count):
    form = [new_champ("piece_jointe", id="piece1", label="Devis", required=False)]
    dossier = DossierFactory(
        usager=usager, en_construction=True, procedure=ProcedureFactory(champs=form), reponses={}
    )
    PieceJointeFactory.create_batch(count, dossier=dossier)
    CourrielFactory.create_batch(
        count, reference=f"dossier:{dossier.pk}", to_email=usager.email, envoye=True
    )

    # session, user, dossier, files, history, what follows, emails, roles
    with django_assert_num_queries(10):
        client.get(f"/dossiers/{dossier.pk}/")


# --- deletion -----------------------------------------------------------------------------------


def test_brouillon_is_deleted_after_one_question(client, usager):
    dossier = DossierFactory(usager=usager)
    address = f"/dossiers/{dossier.pk}/supprimer/"

    question = text(client.get(address))
    assert Dossier.objects.filter(pk=dossier.pk).exists()
    response = client.post(address, follow=True)

    assert "Supprimer ce brouillon" in question
    assert f"Le brouillon nº {dossier.pk} est supprimé." in text(response)
    assert not Dossier.objects.filter(pk=dossier.pk).exists()


@pytest.mark.parametrize("trait", ["en_construction", "en_instruction", "accepte"])
def test_submitted_dossier_is_never_deleted(client, usager, trait):
    dossier = DossierFactory(usager=usager, **{trait: True})

    assert client.post(f"/dossiers/{dossier.pk}/supprimer/").status_code == 403
    assert Dossier.objects.filter(pk=dossier.pk).exists()


def test_brouillon_of_another_is_not_deleted(client):
    dossier = DossierFactory()
    AffectationFactory(procedure=dossier.procedure)

    assert client.post(f"/dossiers/{dossier.pk}/supprimer/").status_code == 404
    assert Dossier.objects.filter(pk=dossier.pk).exists()


def test_dates_are_those_of_paris(client, usager):
    at = timezone.datetime(2026, 7, 14, 22, 30, tzinfo=timezone.get_fixed_timezone(0))
    dossier = DossierFactory(usager=usager, en_construction=True)
    Dossier.objects.filter(pk=dossier.pk).update(submitted_at=at)

    assert "15/07/2026 à 00:30" in text(client.get(f"/dossiers/{dossier.pk}/"))
