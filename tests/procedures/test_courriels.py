"""The emails an administrateur writes."""

import pytest
from django.urls import reverse

from procedures.champs import new_champ
from procedures.courriels import default_template, template_of
from procedures.enums import CourrielEvent
from procedures.models import ModeleCourriel
from procedures.passages import PASSAGES
from tests.accounts.factories import OrganismeFactory, UserFactory
from tests.markup import Markup
from tests.procedures.factories import AffectationFactory, ProcedureFactory

EVENT = CourrielEvent.REJET


@pytest.fixture
def administrateur(db):
    return UserFactory()


@pytest.fixture
def procedure(administrateur):
    return ProcedureFactory(
        organisme=OrganismeFactory(administrateurs=[administrateur]),
        champs=[new_champ("texte_court", id="objet1", label="Objet")],
    )


@pytest.fixture
def client(client_for, administrateur):
    return client_for(administrateur)


@pytest.fixture
def edit_url(procedure):
    return reverse("procedures:courriel_edit", args=[procedure.pk, EVENT.value])


@pytest.fixture
def own(procedure):
    return ModeleCourriel.objects.create(
        procedure=procedure, event=EVENT, subject="Objet à moi", body="Message à moi"
    )


def test_the_list_tells_which_texts_are_own(client, procedure, own):
    page = Markup(client.get(reverse("procedures:courriel_list", args=[procedure.pk])))

    assert [link.text for link in page.all("#courriels h2")] == [e.label for e in CourrielEvent]
    assert [badge.text for badge in page.all("#courriels .fr-badge")] == [
        *["texte par défaut"] * 4,
        "personnalisé",
        "texte par défaut",
    ]
    assert "Objet à moi" in page.one("#courriels").text


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_a_fixed_number_of_queries(
    count, client, procedure, django_assert_num_queries
):
    for event in CourrielEvent.values[:count]:
        ModeleCourriel.objects.create(procedure=procedure, event=event, subject="a", body="b")
    url = reverse("procedures:courriel_list", args=[procedure.pk])
    client.get(url)

    with django_assert_num_queries(5):
        client.get(url)


def test_only_administrateurs_of_its_organisme_write_emails(
    procedure, edit_url, client, client_for
):
    foreign = UserFactory()
    OrganismeFactory(administrateurs=[foreign])
    accompagnateur = AffectationFactory(procedure=procedure).user
    reset_url = reverse("procedures:courriel_reset", args=[procedure.pk, EVENT.value])

    for url in (edit_url, reset_url):
        assert client.get(url).status_code == 200
        for stranger in (foreign, accompagnateur, UserFactory()):
            assert client_for(stranger).get(url).status_code == 404
            data = {"subject": "x", "body": "y"}
            assert client_for(stranger).post(url, data).status_code == 404
    assert not ModeleCourriel.objects.exists()


def test_an_unknown_event_is_not_found(client, procedure):
    url = reverse("procedures:courriel_edit", args=[procedure.pk, "archive"])

    assert client.get(url).status_code == 404


def test_the_form_starts_from_the_default_text(client, edit_url):
    form = client.get(edit_url).context["form"]

    assert (form["subject"].value(), form["body"].value()) == default_template(EVENT)


def test_a_text_is_saved_and_used(client, procedure, edit_url):
    data = {"subject": "Nº {{ numero_dossier }}", "body": "Sur {{ champ_objet1 }}\r\nFin"}

    response = client.post(edit_url, data)

    assert response.headers["Location"] == reverse("procedures:courriel_list", args=[procedure.pk])
    assert template_of(procedure, EVENT) == (
        "Nº {{ numero_dossier }}",
        "Sur {{ champ_objet1 }}\nFin",
    )


def test_a_text_is_changed_again(client, procedure, edit_url, own):
    client.post(edit_url, {"subject": "Autre", "body": "Autre"})

    assert template_of(procedure, EVENT) == ("Autre", "Autre")
    assert ModeleCourriel.objects.count() == 1


def test_the_default_text_saved_as_it_is_stays_the_default(client, procedure, edit_url, own):
    subject, body = default_template(EVENT)

    client.post(edit_url, {"subject": subject, "body": body.replace("\n", "\r\n")})

    assert not ModeleCourriel.objects.exists()


def test_an_unknown_balise_is_refused_explained_and_kept(client, edit_url):
    data = {"subject": "Bonjour {{ nom_usage }}", "body": "Texte {{ champ_zzzzzz }} gardé"}

    response = client.post(edit_url, data)

    errors = response.context["form"].errors
    assert errors["subject"] == [
        "La balise « {{ nom_usage }} » n’existe pas. Vouliez-vous écrire « {{ nom_usager }} » ?"
    ]
    assert "désigne un champ que le formulaire n’a pas" in errors["body"][0]
    assert response.context["form"]["body"].value() == data["body"]
    assert not ModeleCourriel.objects.exists()


@pytest.mark.parametrize("data", [{"subject": "", "body": "x"}, {"subject": "x", "body": " "}])
def test_an_empty_part_is_refused(data, client, edit_url):
    assert client.post(edit_url, data).context["form"].errors
    assert not ModeleCourriel.objects.exists()


def test_the_preview_saves_nothing_and_escapes_all(client, edit_url):
    data = {
        "subject": "{{ titre_procedure }} <i>",
        "body": "<script>alert(1)</script> https://exemple.fr {{ numero_dossier }}",
        "apercu": "1",
    }

    response = client.post(edit_url, data, headers={"HX-Request": "true"})

    part = Markup(response)
    assert part.one(".tps-mail__subject").text.endswith("<i>")
    assert part.all("script") == []
    assert part.one(".tps-mail__body a")["href"] == "https://exemple.fr"
    assert "1042" in part.one(".tps-mail__body").text
    assert "<html" not in response.content.decode()
    assert not ModeleCourriel.objects.exists()


def test_the_preview_without_javascript_keeps_the_page_and_the_text(client, edit_url):
    data = {"subject": "Un objet", "body": "{{ inconnue }}", "apercu": "1"}

    page = Markup(client.post(edit_url, data))

    assert page.one("#apercu .tps-mail__subject").text == "Un objet"
    assert "n’existe pas" in page.one("#apercu .fr-alert").text
    assert page.one("#id_subject")["value"] == "Un objet"
    assert not ModeleCourriel.objects.exists()


def test_the_menu_offers_each_balise_and_the_list_shows_it(client, edit_url):
    page = Markup(client.get(edit_url))

    assert [o["value"] for o in page.all("[data-tps-balise-menu] select > option")][-1] == (
        "{{ champ_objet1 }}"
    )
    assert [o["value"] for o in page.all("[data-tps-balise-menu] optgroup option")] == [
        text for _, text in PASSAGES
    ]
    assert page.all("details code")[0].text == "{{ numero_dossier }}"


def test_the_default_text_comes_back_after_asking(client, procedure, edit_url, own):
    url = reverse("procedures:courriel_reset", args=[procedure.pk, EVENT.value])
    assert "data-tps-dialog-open" in client.get(edit_url).content.decode()
    client.get(url)
    assert ModeleCourriel.objects.exists()

    response = client.post(url)

    assert response.headers["Location"] == edit_url
    assert not ModeleCourriel.objects.exists()
