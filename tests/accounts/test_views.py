"""The person's own pages and the menu of their spaces."""

import pytest
from django.urls import reverse

from tests.accounts.factories import OrganismeFactory, UserFactory
from tests.markup import Markup
from tests.procedures.factories import AffectationFactory, ProcedureFactory

pytestmark = pytest.mark.django_db

MENU = ".fr-header__tools .tps-menu"


def usager():
    return UserFactory()


def administrateur():
    return OrganismeFactory(administrateurs=[UserFactory()]).administrateurs.get()


def accompagnateur():
    return AffectationFactory().user


def both():
    person = accompagnateur()
    OrganismeFactory(administrateurs=[person])
    return person


@pytest.mark.parametrize(
    ("make", "home"),
    [
        (usager, "dossiers:dossier_list"),
        (administrateur, "procedures:procedure_list"),
        (accompagnateur, "instruction:procedure_list"),
        (both, "instruction:procedure_list"),
    ],
)
def test_sign_in_leads_each_person_to_their_space(client_for, make, home):
    response = client_for(make()).get(reverse("account_home"))

    assert response["Location"] == reverse(home)


def test_usager_has_a_link_to_their_dossiers_and_no_menu(client_for):
    page = Markup(client_for(usager()).get("/compte/"))

    assert page.all(MENU) == []
    links = [link.text for link in page.all(".fr-header__tools a")]
    assert links == ["Mes dossiers", "Mon compte"]
    assert page.one(".fr-header__tools form")["action"] == "/compte/logout/"


@pytest.mark.parametrize(
    ("make", "spaces"),
    [
        (administrateur, ["Usager", "Administrateur"]),
        (accompagnateur, ["Usager", "Accompagnateur"]),
        (both, ["Usager", "Accompagnateur", "Administrateur"]),
    ],
)
def test_person_with_several_roles_chooses_their_space(client_for, make, spaces):
    page = Markup(client_for(make()).get("/compte/"))

    assert page.one(f"{MENU} summary").text == "Changer d’espace"
    assert [link.text for link in page.all(f"{MENU} a")] == spaces


def test_menu_says_in_which_space_one_is(client_for):
    page = Markup(client_for(accompagnateur()).get(reverse("instruction:procedure_list")))

    assert page.one(f"{MENU} summary").text == "Vous êtes : Accompagnateur"
    assert page.one(f"{MENU} a[aria-current]").text == "Accompagnateur"


def test_test_mode_of_a_procedure_belongs_to_the_administrateur(client_for):
    person = UserFactory()
    procedure = ProcedureFactory(organisme=OrganismeFactory(administrateurs=[person]))
    address = reverse("dossiers:essai_manage", args=[procedure.pk])

    page = Markup(client_for(person).get(address))

    assert page.one(f"{MENU} summary").text == "Vous êtes : Administrateur"
    assert page.one(f"{MENU} a[aria-current]").text == "Administrateur"


def test_exploitant_reaches_the_administration_of_the_site(client_for):
    page = Markup(client_for(UserFactory(exploitant=True)).get("/compte/"))

    assert page.all(f"{MENU} a")[-1]["href"] == reverse("admin:index")


def test_visitor_may_sign_in_or_sign_up(client):
    page = Markup(client.get(reverse("legal")))

    links = [link.text for link in page.all(".fr-header__tools a")]
    assert links == ["Se connecter", "Créer un compte"]


def test_account_wants_sign_in_and_comes_back(client):
    response = client.get("/compte/")

    assert response["Location"] == "/compte/login/?next=/compte/"


def test_name_is_changed_and_shown(client_for):
    user = UserFactory()
    client = client_for(user)

    response = client.post("/compte/", {"first_name": "Awa", "last_name": "Diallo"}, follow=True)

    page = Markup(response)
    assert page.one("#tps-messages .fr-alert--success").text == "Votre nom est enregistré."
    assert page.one("#id_first_name")["value"] == "Awa"
    user.refresh_from_db()
    assert user.full_name == "Awa Diallo"


def test_too_long_a_name_is_kept_and_explained(client_for):
    user = UserFactory()

    page = Markup(client_for(user).post("/compte/", {"first_name": "a" * 151, "last_name": ""}))

    assert page.one("#id_first_name")["value"] == "a" * 151
    assert "150" in page.one("#id_first_name_error").text
    user.refresh_from_db()
    assert user.first_name == "Camille"


def test_account_asks_four_questions_of_the_database(client_for, django_assert_num_queries):
    client = client_for(both())

    with django_assert_num_queries(4):  # the session, the person, their roles, their identities
        client.get("/compte/")
