"""The page on which an administrateur writes a prefilled link."""

import pytest
from django.urls import reverse

from procedures.champs import new_champ
from tests.accounts.factories import OrganismeFactory, UserFactory
from tests.markup import Markup
from tests.procedures.factories import ProcedureFactory

pytestmark = pytest.mark.django_db
CHAMPS = [
    new_champ("texte_court", id="objet1", label="Objet"),
    new_champ("date", id="date1", label="Naissance"),
    new_champ("engagement", id="engage1", label="Je certifie"),
    new_champ("bloc_repetable", id="bloc1", label="Dépenses", row_label="Dépense"),
    new_champ("montant", id="montant1", label="Montant", bloc="bloc1"),
]


@pytest.fixture
def procedure():
    organisme = OrganismeFactory()
    organisme.administrateurs.add(UserFactory())
    return ProcedureFactory(organisme=organisme, champs=CHAMPS)


@pytest.fixture
def client(client_for, procedure):
    return client_for(procedure.organisme.administrateurs.get())


@pytest.fixture
def url(procedure):
    return reverse("procedures:lien_create", args=[procedure.pk])


def test_page_asks_what_a_link_may_answer(client, url):
    page = Markup(client.get(url))

    names = [part["name"] for part in page.all("main form [name]")]
    assert names == [
        "csrfmiddlewaretoken", "identite_genre", "identite_prenom", "identite_nom",
        "champ_objet1", "champ_date1", "champ_montant1-1",
    ]  # fmt: skip


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_link_is_written_and_nothing_is_stored(client, url, procedure, settings, headers):
    answers = {"champ_objet1": "Été & hiver", "champ_montant1-1": "12,5", "identite_genre": "M."}

    page = Markup(client.post(url, answers, headers=headers))

    assert page.one("#lien a")["href"] == (
        f"{settings.SITE_URL}/commencer/{procedure.slug}/?identite_genre=M."
        "&champ_objet1=%C3%89t%C3%A9+%26+hiver&champ_bloc1%5B0%5D%5Bchamp_montant1%5D=12.50"
    )


def test_wrong_answer_is_said_and_left_out(client, url):
    page = Markup(client.post(url, {"champ_objet1": "Un", "champ_date1": "hier"}))

    assert page.one("#lien a")["href"].endswith("/?champ_objet1=Un")
    assert "« Naissance »" in page.one("#lien ul").text


def test_long_link_is_warned_of_then_refused(client, url):
    champ = {"champ_objet1": "é" * 400}

    assert "certains logiciels" in Markup(client.post(url, champ)).one("#lien").text
