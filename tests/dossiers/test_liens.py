"""A dossier begun by a prefilled link."""

import threading

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from dossiers.brouillons import start_brouillon
from dossiers.models import Dossier
from procedures.champs import new_champ
from tests.accounts.factories import UserFactory
from tests.dossiers.factories import DossierFactory
from tests.markup import Markup
from tests.procedures.factories import ProcedureFactory

QUERY = "champ_objet1=Un+%3Cb%3Etitre%3C%2Fb%3E&champ_date1=2026-11-23&identite_nom=Martin"
OBJET = new_champ("texte_court", id="objet1", label="Objet")
DATE = new_champ("date", id="date1", label="Naissance")

pytestmark = pytest.mark.django_db


@pytest.fixture
def usager():
    return UserFactory()


@pytest.fixture
def procedure():
    return ProcedureFactory(champs=[OBJET, DATE])


def page_of(client, procedure, query=QUERY):
    return Markup(client.get(f"{procedure.get_absolute_url()}?{query}"))


def start(client, procedure, lien=QUERY, **fields):
    url = reverse("dossiers:brouillon_create", args=[procedure.slug])
    return client.post(url, {"lien": lien, **fields})


def test_public_page_counts_the_answers_and_shows_none(client, procedure):
    response = client.get(f"{procedure.get_absolute_url()}?{QUERY}&champ_inconnu=1")

    assert Markup(response).one("main .fr-alert h2").text == "Ce lien remplit d’avance 3 réponses"
    assert "1 élément du lien ne correspond à aucune question." in response.content.decode()
    assert "<b>titre" not in response.content.decode()
    assert Dossier.objects.count() == 0
    assert "sessionid" not in client.cookies


def test_public_page_names_what_does_not_fit(client, procedure):
    page = page_of(client, procedure, "champ_date1=hier")

    assert page.one("main .fr-alert h2").text == "Ce lien ne remplit aucune réponse"
    assert "« Naissance »" in page.one("main .fr-alert").text


@pytest.mark.parametrize("query", ["utm_source=x", "", "rempli="])
def test_other_parameters_say_nothing(client, procedure, query):
    assert page_of(client, procedure, query).all("main .fr-alert") == []


def test_closed_procedure_ignores_the_link(client):
    procedure = ProcedureFactory(champs=[OBJET], close=True)

    page = page_of(client, procedure)

    assert page.one("main .fr-alert h2").text == "Cette procédure est close"
    assert page.all("input[name=lien]") == []


def test_too_long_link_is_said_to_be(client, procedure):
    page = page_of(client, procedure, "champ_objet1=" + "a" * 8000)

    assert "trop long" in page.one("main .fr-alert").text


def test_dossier_begins_with_the_answers_and_says_so(client_for, usager, procedure):
    client = client_for(usager)

    response = start(
        client, procedure, f"{QUERY}&champ_objet1=deux&identite_prenom=Ada&identite_genre=Mme"
    )
    dossier = Dossier.objects.get()

    assert response["Location"] == reverse("dossiers:dossier_identify", args=[dossier.pk])
    assert dossier.reponses == {"date1": "2026-11-23"}
    assert (dossier.nom, dossier.usager) == ("Martin", usager)
    page = Markup(client.get(reverse("dossiers:dossier_edit", args=[dossier.pk])))
    notice = page.one("#rempli-d-avance")
    assert "1 réponse remplie d’avance, à vérifier" in notice.text
    assert [link["href"] for link in page.all("#rempli-d-avance a")] == ["#champ-date1"]
    assert "« Objet »" in notice.text


def test_typed_markup_is_escaped_in_the_form(client_for, usager, procedure):
    client = client_for(usager)
    start(client, procedure)

    dossier = Dossier.objects.get()
    page = client.get(reverse("dossiers:dossier_edit", args=[dossier.pk])).content.decode()

    assert dossier.reponses["objet1"] == "Un <b>titre</b>"
    assert "<b>titre" not in page


def test_same_link_finds_its_untouched_brouillon_again(client_for, usager, procedure):
    client = client_for(usager)

    addresses = {start(client, procedure)["Location"] for _ in range(3)}

    assert len(addresses) == 1
    assert Dossier.objects.count() == 1


@pytest.mark.parametrize("lien", ["", "champ_objet1=Autre"])
def test_brouillon_of_a_link_serves_no_other_beginning(client_for, usager, procedure, lien):
    client = client_for(usager)
    start(client, procedure, "champ_objet1=Un&identite_prenom=Ada")

    start(client, procedure, lien)

    assert Dossier.objects.count() == 2


def test_link_never_touches_a_brouillon_that_has_answers(client_for, usager, procedure):
    before = DossierFactory(
        procedure=procedure, usager=usager, reponses={"objet1": "Un <b>titre</b>"}
    )

    start(client_for(usager), procedure)

    before.refresh_from_db()
    assert before.reponses == {"objet1": "Un <b>titre</b>"}
    assert Dossier.objects.count() == 2


def test_link_does_not_reach_the_brouillon_of_somebody_else(client_for, usager, procedure):
    start(client_for(UserFactory()), procedure)

    start(client_for(usager), procedure)

    assert Dossier.objects.owned_by(usager).count() == 1
    assert Dossier.objects.count() == 2


def test_changed_brouillon_is_not_begun_again_by_its_link(client_for, usager, procedure):
    client = client_for(usager)
    start(client, procedure)
    Dossier.objects.update(reponses={"objet1": "Changé"})

    start(client, procedure)

    assert Dossier.objects.count() == 2


@pytest.mark.parametrize(("fields", "way"), [({}, "connexion"), ({"nouveau_compte": "1"}, "")])
def test_answers_survive_the_sign_in_out_of_the_address(usager, procedure, fields, way):
    client = Client()

    response = start(client, procedure, **fields)
    back = Markup(client.get(response["Location"]))

    assert reverse("account_signup" if fields else "account_login") in response["Location"]
    assert "Martin" not in response["Location"]
    assert back.one("main h1").text
    assert Dossier.objects.count() == 0
    (mark,) = client.session["liens_preremplis"]
    client.force_login(usager)
    page = Markup(client.get(f"{procedure.get_absolute_url()}?rempli={mark}"))
    lien = page.one("input[name=lien]")["value"]
    start(client, procedure, lien)
    assert Dossier.objects.get().nom == "Martin"
    assert client.session["liens_preremplis"] == {}


def test_forgotten_link_is_said_to_be(client, procedure):
    assert "Ouvrez-le de nouveau" in page_of(client, procedure, "rempli=abc").one(".fr-alert").text


def test_session_keeps_the_last_links_alone(procedure):
    client = Client()
    for number in range(5):
        start(client, procedure, f"champ_objet1={number}")

    assert list(client.session["liens_preremplis"].values()) == [
        "champ_objet1=2", "champ_objet1=3", "champ_objet1=4",
    ]  # fmt: skip


@pytest.mark.parametrize("count", [1, 8])
def test_queries_do_not_grow_with_the_answers(client_for, usager, django_assert_num_queries, count):
    champs = [new_champ("texte_court", id=f"objet{rank}") for rank in range(count)]
    procedure = ProcedureFactory(champs=champs)
    lien = "&".join(f"champ_objet{rank}=x" for rank in range(count))
    client = client_for(usager)

    with django_assert_num_queries(6):
        page_of(client, procedure, lien)
    start(client, procedure, f"{lien}&identite_nom=Martin&identite_prenom=Ada&identite_genre=Mme")
    url = reverse("dossiers:dossier_edit", args=[Dossier.objects.get().pk])
    with django_assert_num_queries(7):
        client.get(url)


@pytest.mark.django_db(transaction=True)
def test_double_click_begins_one_dossier(usager, procedure):
    barrier = threading.Barrier(4)

    def click():
        try:
            barrier.wait()
            start_brouillon(procedure, by=usager, lien="champ_objet1=Un")
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Dossier.objects.count() == 1
