"""The pages of the statistics: who sees what, over which period."""

import pytest
from django.test import Client
from django.urls import reverse

from procedures.models import Procedure
from tests.accounts.factories import UserFactory
from tests.dossiers.factories import DossierFactory
from tests.markup import Markup
from tests.procedures.factories import ProcedureFactory

PAGES = ("show", "csv", "png")


@pytest.fixture
def administrateur(procedure):
    user = UserFactory()
    procedure.organisme.administrateurs.add(user)
    procedure.administrations.create(user=user)
    return user


@pytest.fixture
def public(procedure):
    Procedure.objects.filter(pk=procedure.pk).update(statistiques_publiques=True)
    return procedure


def url(regard, procedure, page="show", query=""):
    key = procedure.slug if regard == "public" else procedure.pk
    args = [key] if page == "show" else [key, "depots"]
    return reverse(f"statistiques:{regard}_{page}", args=args) + query


def tiles(response):
    assert response.status_code == 200
    page = Markup(response)
    labels, values = page.all(".tps-tuiles dt"), page.all(".tps-tuiles dd")
    return {label.text: value.text for label, value in zip(labels, values, strict=True)}


def accepted(procedure, count):
    for _ in range(count):
        DossierFactory(procedure=procedure, accepte=True)


# --- Who sees them --------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_strangers_do_not_find_the_statistics(procedure, dossier, strangers, client_for, page):
    for name, user in strangers.items():
        found = client_for(user).get(url("instruction", procedure, page)).status_code
        assert found == 404, name


@pytest.mark.parametrize("page", PAGES)
def test_an_accompagnateur_does_not_find_those_of_the_administrateur(client, procedure, page):
    assert client.get(url("administration", procedure, page)).status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_the_public_page_exists_only_when_the_administrateur_wants_it(procedure, page):
    DossierFactory(procedure=procedure, en_construction=True)
    assert Client().get(url("public", procedure, page)).status_code == 404
    Procedure.objects.filter(pk=procedure.pk).update(statistiques_publiques=True)
    assert Client().get(url("public", procedure, page)).status_code == 200


def test_a_procedure_that_was_never_published_has_no_public_statistics(db):
    procedure = ProcedureFactory(brouillon=True, statistiques_publiques=True)
    assert Client().get(url("public", procedure)).status_code == 404


def test_the_administrateur_makes_them_public_and_private_again(
    procedure, administrateur, client_for
):
    browser = client_for(administrateur)
    publish = reverse("statistiques:administration_publish", args=[procedure.pk])
    assert browser.get(publish).status_code == 405
    for choice, expected in (("oui", True), ("non", False)):
        response = browser.post(publish, {"publiques": choice})
        assert response.url == url("administration", procedure)
        procedure.refresh_from_db()
        assert procedure.statistiques_publiques is expected


def test_the_public_page_of_the_procedure_leads_to_public_statistics(procedure):
    here = url("public", procedure)
    links = f'main a[href="{here}"]'
    assert not Markup(Client().get(procedure.get_absolute_url())).all(links)
    Procedure.objects.filter(pk=procedure.pk).update(statistiques_publiques=True)
    link = Markup(Client().get(procedure.get_absolute_url())).one(links)
    assert link.text == "Voir les statistiques de cette procédure"


def test_the_list_and_the_cockpit_lead_to_the_statistics(
    client, procedure, administrateur, client_for
):
    page = Markup(client.get(reverse("instruction:dossier_list", args=[procedure.pk])))
    assert page.one(f'a[href="{url("instruction", procedure)}"]').text == "Statistiques"
    cockpit = reverse("procedures:procedure_detail", args=[procedure.pk])
    page = Markup(client_for(administrateur).get(cockpit))
    assert page.one(f'a[href="{url("administration", procedure)}"]').text == "Statistiques"


def test_anyone_who_asks_too_often_waits(public, settings):
    settings.PUBLIC_PAGES_RATE = "2/m"
    statuses = [Client().get(url("public", public)).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]


def test_pictures_are_not_drawn_without_end(client, procedure, monkeypatch):
    DossierFactory(procedure=procedure, en_construction=True)
    drawn = []
    monkeypatch.setattr(
        "instruction.views.statistiques.figure_to_png", lambda *args: drawn.append(args) or b""
    )
    statuses = [client.get(url("instruction", procedure, "png")).status_code for _ in range(31)]
    assert statuses == [200] * 30 + [429]
    assert len(drawn) == 30


# --- What they show -------------------------------------------------------------------------------


def test_the_page_sums_up_what_was_filed_and_decided(client, procedure):
    accepted(procedure, 3)
    DossierFactory(procedure=procedure, rejete=True)
    DossierFactory(procedure=procedure, en_construction=True)
    assert tiles(client.get(url("instruction", procedure))) == {
        "Dossiers déposés": "5",
        "Dossiers décidés": "4",
        "Taux d’acceptation": "75 %",
        "Du dépôt à la décision, médiane": "–",
        "Du dépôt à la décision, 9e décile": "–",
    }


def test_a_drawing_has_a_name_a_description_and_its_table(client, procedure):
    accepted(procedure, 3)
    page = Markup(client.get(url("instruction", procedure)))
    drawing = page.one("section[aria-labelledby=figure-issues] svg")
    assert drawing["role"] == "img"
    assert drawing["aria-labelledby"] == "dessin-issues-titre dessin-issues-texte"
    assert page.one("#dessin-issues-titre").text == "Ce qui est décidé"
    assert page.one("#dessin-issues-texte").text == (
        "Les dossiers décidés dans la période, selon leur dernière décision. "
        "Accepté, 3 ; Classé sans suite, 0 ; Rejeté, 0."
    )
    table = "section[aria-labelledby=figure-issues] details table"
    assert page.one(f"{table} caption").text == "Ce qui est décidé"
    assert [cell.text for cell in page.all(f"{table} tbody tr:first-child > *")] == [
        "Accepté",
        "3",
        "100 %",
    ]


def test_nothing_hostile_passes_from_a_form_to_the_drawing(client_for, administrateur, procedure):
    hostile = "</text><script>alert(1)</script>"
    procedure.title = hostile
    procedure.save(update_fields=["title"])
    accepted(procedure, 1)
    page = client_for(administrateur).get(url("administration", procedure)).content.decode()
    assert "<script>alert" not in page
    assert "style=" not in page.split("<main", 1)[1].split("</main>", 1)[0]


def test_without_a_dossier_the_page_says_so_and_draws_nothing(client, procedure):
    page = Markup(client.get(url("instruction", procedure, query="?periode=tout")))
    assert page.one(".fr-callout__title").text == "Aucun dossier n’a encore été commencé"
    assert page.all("main svg") == []


def test_an_empty_period_leads_to_the_beginning(client, procedure):
    accepted(procedure, 1)
    page = Markup(client.get(url("instruction", procedure, query="?du=2020-01-01&au=2020-02-01")))
    assert page.one(".fr-callout__title").text == "Rien dans cette période"
    link = page.one(".fr-callout a")
    assert link["href"] == url("instruction", procedure, query="?periode=tout")


def test_the_figures_follow_the_public_rule_on_the_public_page(public):
    accepted(public, 4)
    shown = tiles(Client().get(url("public", public, query="?periode=tout")))
    assert shown["Dossiers décidés"] == "moins de 5"
    assert shown["Taux d’acceptation"] == "non communiqué"
    table = Client().get(url("public", public, "csv", "?periode=tout")).content.decode()
    assert table.splitlines()[1].split(";")[1:] == [
        "0",
        "0",
        "moins de 5",
        "0",
        "0",
        "moins de 5",
    ]


# --- The period -----------------------------------------------------------------------------------


def test_the_period_is_in_the_address_and_in_the_files(client, procedure):
    accepted(procedure, 1)
    query = "?du=2026-01-02&au=2099-03-04"
    page = Markup(client.get(url("instruction", procedure, query=query)))
    assert page.one("#periode").text == "Période du 02/01/2026 au 04/03/2099"
    assert page.one("#id_du")["value"] == "2026-01-02"
    files = [link["href"] for link in page.all("section[aria-labelledby=figure-depots] ul a")]
    assert files == [
        url("instruction", procedure, "csv", query),
        url("instruction", procedure, "png", query),
    ]
    assert page.all('nav[aria-label="Période"] a[aria-current]') == []


def test_a_preset_is_marked(client, procedure):
    page = Markup(client.get(url("instruction", procedure, query="?periode=3-mois")))
    assert page.one('nav[aria-label="Période"] a[aria-current]').text == "3 derniers mois"


def test_an_invalid_period_is_explained_and_kept(client, procedure):
    accepted(procedure, 1)
    query = "?du=2026-11-20&au=2026-11-01"
    page = Markup(client.get(url("instruction", procedure, query=query)))
    assert (
        "Cette date précède celle du début : choisissez-en une qui la suit."
        in page.one("#div_id_au").text
    )
    assert (page.one("#id_du")["value"], page.one("#id_au")["value"]) == (
        "2026-11-20",
        "2026-11-01",
    )
    assert page.all(".tps-tuiles") == []
    for kind in ("csv", "png"):
        response = client.get(url("instruction", procedure, kind, query))
        assert response.url == url("instruction", procedure, query=query)


def test_the_public_chooses_among_names_of_periods_alone(public):
    accepted(public, 5)
    query = "?periode=tout&du=2020-01-01&au=2020-01-02"
    shown = tiles(Client().get(url("public", public, query=query)))
    assert shown["Dossiers décidés"] == "5"
    page = Markup(Client().get(url("public", public, query="?periode=hier")))
    assert page.one("main [role=alert]").text == (
        "Cette période n’existe pas : choisissez-en une de la liste."
    )


# --- The files ------------------------------------------------------------------------------------


def test_a_csv_is_a_file_with_its_mark(client, procedure):
    accepted(procedure, 2)
    response = client.get(reverse("statistiques:instruction_csv", args=[procedure.pk, "issues"]))
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"].startswith(
        f'attachment; filename="statistiques-{procedure.slug}-issues-'
    )
    assert response.content.decode() == (
        "\ufeffDécision;Dossiers;Part (%)\r\nAccepté;2;100,0\r\n"
        "Classé sans suite;0;0,0\r\nRejeté;0;0,0\r\n"
    )


def test_a_png_is_the_drawing(client, procedure):
    accepted(procedure, 2)
    response = client.get(url("instruction", procedure, "png"))
    assert response.headers["Content-Type"] == "image/png"
    assert response.content.startswith(b"\x89PNG\r\n")


def test_there_is_no_picture_of_nothing_nor_of_an_unknown_figure(client, procedure):
    assert client.get(url("instruction", procedure, "png")).status_code == 404
    for kind in ("csv", "png"):
        unknown = reverse(f"statistiques:instruction_{kind}", args=[procedure.pk, "inconnue"])
        assert client.get(unknown).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_the_same_queries(client, procedure, count, django_assert_num_queries):
    accepted(procedure, count)
    DossierFactory.create_batch(count, procedure=procedure)
    with django_assert_num_queries(QUERIES):
        client.get(url("instruction", procedure))


# Session, person, procédure, my groupes and all of them, then the figures.
QUERIES = 22
