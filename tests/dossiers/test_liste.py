"""« Mes dossiers »: cards and table, filters, what is expected first."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from dossiers.attentes import attentes_of, with_attentes
from dossiers.models import Dossier, Modification
from tests.accounts.factories import UserFactory
from tests.dossiers.factories import DossierFactory
from tests.entreprise_api.factories import EtablissementFactory
from tests.markup import Markup
from tests.procedures.factories import ProcedureFactory

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

    # session, user, counts, rows, corrections, messages, refused answers, changes, organismes, bin,
    # invitations, offers, tests, roles
    with django_assert_num_queries(14):
        client.get("/dossiers/")


# --- cards and table ----------------------------------------------------------------------------


def test_way_to_look_at_the_list_is_remembered(client, usager):
    dossier = DossierFactory(usager=usager)

    cards = Markup(client.get("/dossiers/"))
    table = Markup(client.get("/dossiers/", {"vue": "tableau"}))
    again = Markup(client.get("/dossiers/"))
    back = Markup(client.get("/dossiers/", {"vue": "cartes"}))

    assert (len(cards.all(".tps-cards > li")), len(cards.all("table"))) == (1, 0)
    for page in (table, again):
        assert len(page.all("main table tbody tr")) == 1
        assert page.one('.tps-switch a[aria-current="true"]').text == "Tableau"
        assert str(dossier.pk) in page.one("main table tbody").text
    assert len(back.all("main table")) == 0


def test_unknown_way_to_look_is_as_none(client, usager):
    DossierFactory(usager=usager)

    assert Markup(client.get("/dossiers/", {"vue": "x"})).all(".tps-cards > li")


# --- filters ------------------------------------------------------------------------------------


def test_list_is_filtered_by_status_and_administration(client, usager):
    here, elsewhere = ProcedureFactory(), ProcedureFactory()
    brouillon = DossierFactory(usager=usager, procedure=here)
    filed = DossierFactory(usager=usager, procedure=here, en_construction=True)
    away = DossierFactory(usager=usager, procedure=elsewhere, en_construction=True)
    decided = DossierFactory(usager=usager, procedure=elsewhere, accepte=True)

    by_status = client.get("/dossiers/", {"statut": "en_construction"})
    by_organisme = client.get("/dossiers/", {"organisme": here.organisme_id})
    by_both = client.get(
        "/dossiers/", {"statut": "en_construction", "organisme": elsewhere.organisme_id}
    )
    of_another_tab = client.get("/dossiers/", {"statut": "accepte"})

    assert shown(by_status) == {filed.pk, away.pk}
    assert shown(by_organisme) == {brouillon.pk, filed.pk}
    assert shown(by_both) == {away.pk}
    assert shown(of_another_tab) == {decided.pk}
    assert [count for _, _, count in by_organisme.context["tabs"]] == [2, 0, 0]


def test_only_my_administrations_are_offered(client, usager):
    mine = DossierFactory(usager=usager).procedure.organisme
    DossierFactory()

    options = Markup(client.get("/dossiers/")).all("#organisme option")

    assert [option["value"] for option in options] == ["", str(mine.pk)]


@pytest.mark.parametrize("organisme", ["x", "-1", "²", "9" * 40])
def test_filters_that_mean_nothing_filter_nothing(client, usager, organisme):
    dossier = DossierFactory(usager=usager)

    response = client.get("/dossiers/", {"statut": "x", "organisme": organisme})

    assert shown(response) == {dossier.pk}


def test_search_of_a_protected_company_does_not_tell_its_name(client, usager):
    hidden = EtablissementFactory(raison_sociale="Secretissime", diffusable=False)
    dossier = DossierFactory(usager=usager, etablissement=hidden)

    assert shown(client.get("/dossiers/", {"q": "secretissime"})) == set()
    assert shown(client.get("/dossiers/", {"q": hidden.siret})) == {dossier.pk}


# --- what is expected first ---------------------------------------------------------------------


def expected(usager, dossiers) -> dict[int, list[str]]:
    joined = with_attentes(usager, Dossier.objects.filter(pk__in=[it.pk for it in dossiers]))
    found = list(joined.with_people())
    attentes = attentes_of(usager, found)
    assert {it.pk for it in found if it.is_expected} == set(attentes)
    return {pk: [attente.label for attente in items] for pk, items in attentes.items()}


def test_what_is_expected_is_said_and_sorted_alike(usager):
    now = timezone.now()
    soon = ProcedureFactory(closes_at=now + timedelta(days=6))
    later = ProcedureFactory(closes_at=now + timedelta(days=8))
    closing, refused, expiring, changed, changed_badly = (
        DossierFactory(usager=usager, procedure=soon),
        DossierFactory(usager=usager, saisies_refusees={"objet1": "x"}),
        DossierFactory(usager=usager, updated_at=now - timedelta(days=151)),
        DossierFactory(usager=usager, en_construction=True),
        DossierFactory(usager=usager, en_construction=True),
    )
    Modification.objects.create(dossier=changed)
    Modification.objects.create(dossier=changed_badly, saisies_refusees={"objet1": "x"})
    nothing = [
        DossierFactory(usager=usager),
        DossierFactory(saisies_refusees={"objet1": "x"}, procedure=soon),
        DossierFactory(usager=usager, procedure=later),
        DossierFactory(usager=usager, procedure=soon, en_construction=True),
        DossierFactory(usager=usager, accepte=True, saisies_refusees={"objet1": "x"}),
        DossierFactory(usager=usager, updated_at=now - timedelta(days=149)),
        DossierFactory(usager=usager, updated_at=now - timedelta(days=151), prolonged_at=now),
        DossierFactory(usager=usager, updated_at=now - timedelta(days=151), en_construction=True),
    ]

    assert expected(usager, [closing, refused, expiring, changed, changed_badly, *nothing]) == {
        closing.pk: ["Compléter et soumettre"],
        refused.pk: ["Corriger"],
        expiring.pk: ["Le reprendre ou le prolonger"],
        changed.pk: ["Les revoir et les déposer"],
        changed_badly.pk: ["Corriger", "Les revoir et les déposer"],
    }


def test_what_is_expected_comes_first_page_after_page(client, usager):
    procedure = ProcedureFactory()
    old = timezone.now() - timedelta(days=160)
    expiring = DossierFactory.create_batch(3, usager=usager, procedure=procedure, updated_at=old)
    DossierFactory.create_batch(20, usager=usager, procedure=procedure)

    first = client.get("/dossiers/")
    second = client.get("/dossiers/", {"suite": first.context["page"].next_cursor})

    assert {row.pk for row in first.context["page"].rows[:3]} == {it.pk for it in expiring}
    headings = [part.text for part in Markup(first).all("main h2")]
    assert headings == ["Ce qui est attendu de vous", "Vos autres dossiers"]
    assert len(shown(second)) == 3
    assert not shown(first) & shown(second)


def test_brouillon_says_when_it_will_be_deleted(client, usager):
    updated_at = datetime(2026, 11, 1, 12, tzinfo=UTC)
    DossierFactory(usager=usager, updated_at=updated_at)

    with time_machine.travel(datetime(2026, 11, 25, tzinfo=UTC), tick=False):
        client.force_login(usager)
        page = text(client.get("/dossiers/"))

    assert '<time datetime="2027-04-30T14:00:00+02:00">30/04/2027</time>' in page
