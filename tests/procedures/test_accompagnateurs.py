"""Assigning accompagnateurs by their email addresses."""

import pytest
from django.urls import reverse

from accounts.models import User
from courriels.models import Courriel
from procedures.accompagnateurs import assign
from procedures.models import Affectation
from tests.accounts.factories import OrganismeFactory, UserFactory
from tests.markup import Markup
from tests.procedures.factories import AffectationFactory, ProcedureFactory


@pytest.fixture
def administrateur(db):
    return UserFactory()


@pytest.fixture
def procedure(administrateur):
    return ProcedureFactory(
        organisme=OrganismeFactory(administrateurs=[administrateur]), title="Aide vélo"
    )


@pytest.fixture
def client(client_for, administrateur):
    return client_for(administrateur)


@pytest.fixture
def url(procedure):
    return reverse("procedures:accompagnateur_list", args=[procedure.pk])


def _emails(procedure):
    return set(procedure.affectations.values_list("user__email", flat=True))


def test_a_known_person_is_assigned_and_told(procedure, administrateur):
    user = UserFactory(email="agent@exemple.fr")

    affectation = assign(procedure, " Agent@Exemple.FR ", by=administrateur)

    assert affectation.user == user
    courriel = Courriel.objects.get()
    assert courriel.to_email == "agent@exemple.fr"
    assert "vous confie l’instruction" in courriel.body_text
    assert reverse("instruction:procedure_list") in courriel.body_text


def test_an_unknown_person_is_invited(procedure, administrateur):
    assign(procedure, "nouveau@exemple.fr", by=administrateur)

    assert _emails(procedure) == {"nouveau@exemple.fr"}
    assert not User.objects.get(email="nouveau@exemple.fr").has_usable_password()
    courriel = Courriel.objects.get()
    assert courriel.to_email == "nouveau@exemple.fr"
    assert "« Aide vélo »" in courriel.body_text


def test_assigning_twice_changes_nothing_and_sends_nothing(procedure, administrateur):
    first = assign(procedure, "nouveau@exemple.fr", by=administrateur)
    Courriel.objects.all().delete()

    assert assign(procedure, "NOUVEAU@exemple.fr", by=administrateur) == first
    assert not Courriel.objects.exists()


def test_whoever_assigns_themselves_gets_no_email(procedure, administrateur):
    assign(procedure, administrateur.email, by=administrateur)

    assert not Courriel.objects.exists()


def test_several_addresses_are_added_at_once(client, procedure, url):
    AffectationFactory(procedure=procedure, user__email="deja@exemple.fr")
    typed = "un@exemple.fr, Deux <deux@exemple.fr>\r\ntrois@exemple.fr quatre@exemple.fr;\n"

    response = client.post(url, {"emails": typed + "deja@exemple.fr\nUN@exemple.fr"}, follow=True)

    assert _emails(procedure) == {
        f"{name}@exemple.fr" for name in ("un", "deux", "trois", "quatre", "deja")
    }
    assert Markup(response).one("#tps-messages").text == (
        "4 accompagnateurs ajoutés. 1 l’accompagnait déjà."
    )


def test_adding_who_is_there_says_so(client, procedure, url):
    AffectationFactory(procedure=procedure, user__email="deja@exemple.fr")

    response = client.post(url, {"emails": "deja@exemple.fr"}, follow=True)

    assert "rien n’a changé" in Markup(response).one("#tps-messages").text


@pytest.mark.parametrize("typed", ["pas une adresse", "a@exemple.fr, b@", "<script>@x", " , ;"])
def test_a_wrong_address_adds_nobody_and_is_kept(typed, client, procedure, url):
    response = client.post(url, {"emails": typed})

    assert response.status_code == 200
    assert response.context["form"].errors["emails"]
    assert Markup(response).one("#id_emails").text == " ".join(typed.split())
    assert not Affectation.objects.exists()


def test_too_many_addresses_are_refused(client, url):
    typed = "\n".join(f"agent{number}@exemple.fr" for number in range(51))

    response = client.post(url, {"emails": typed})

    assert response.context["form"].errors["emails"] == ["Ajoutez au plus 50 adresses à la fois."]


def test_an_accompagnateur_is_removed_after_asking(client, procedure):
    affectation = AffectationFactory(procedure=procedure)
    AffectationFactory(procedure=procedure)
    url = reverse("procedures:accompagnateur_delete", args=[procedure.pk, affectation.pk])

    page = Markup(client.get(url))
    assert "ne verra plus les dossiers" in page.one("main").text
    assert "dernier accompagnateur" not in page.one("main").text
    assert Affectation.objects.filter(pk=affectation.pk).exists()

    client.post(url)
    assert not Affectation.objects.filter(pk=affectation.pk).exists()


def test_removing_the_last_one_warns(client, procedure, url):
    affectation = AffectationFactory(procedure=procedure)
    delete_url = reverse("procedures:accompagnateur_delete", args=[procedure.pk, affectation.pk])

    assert "dernier accompagnateur" in Markup(client.get(delete_url)).one("main").text
    assert "dernier accompagnateur" in Markup(client.get(url)).one("main dialog").text

    page = Markup(client.post(delete_url, follow=True))
    assert "Plus personne ne peut instruire" in page.one("main").text


def test_the_accompagnateur_of_another_procedure_is_not_removed(client, procedure):
    foreign = AffectationFactory()
    url = reverse("procedures:accompagnateur_delete", args=[procedure.pk, foreign.pk])

    assert client.post(url).status_code == 404
    assert Affectation.objects.filter(pk=foreign.pk).exists()


def test_only_administrateurs_of_its_organisme_assign(client_for, procedure, url):
    affectation = AffectationFactory(procedure=procedure)
    foreign = UserFactory()
    OrganismeFactory(administrateurs=[foreign])
    delete_url = reverse("procedures:accompagnateur_delete", args=[procedure.pk, affectation.pk])

    for stranger in (foreign, affectation.user, UserFactory()):
        assert client_for(stranger).get(url).status_code == 404
        assert client_for(stranger).post(url, {"emails": "x@exemple.fr"}).status_code == 404
        assert client_for(stranger).post(delete_url).status_code == 404
    assert list(procedure.affectations.all()) == [affectation]


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_a_fixed_number_of_queries(
    count, client, procedure, url, django_assert_num_queries
):
    AffectationFactory.create_batch(count, procedure=procedure)
    client.get(url)

    with django_assert_num_queries(6):
        client.get(url)
