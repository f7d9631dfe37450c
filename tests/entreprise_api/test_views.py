import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from accounts.models import User
from entreprise_api.enums import LookupState
from entreprise_api.simulator import outage
from entreprise_api.simulator.companies import COMPANIES, SCENARIOS
from entreprise_api.siret import format_siret
from tests.entreprise_api.factories import EtablissementFactory

PAGE = "/demo/entreprises/"
SWITCH = "/demo/entreprises/panne/"


def public(etablissement, **context):
    return render_to_string(
        "entreprise_api/includes/etablissement_public.html",
        {"etablissement": etablissement} | context,
    )


def full(etablissement):
    return render_to_string(
        "entreprise_api/includes/etablissement_full.html", {"etablissement": etablissement}
    )


def test_anyone_reads_which_numbers_to_try(db, client):
    response = client.get(reverse("entreprise_api:demo_companies"))
    assert response.status_code == 200
    page = response.content.decode()
    for siret in [*COMPANIES, *SCENARIOS.values()]:
        assert format_siret(siret) in page
    assert "Couper API Entreprise" in page
    assert "Rétablir API Entreprise" not in page


def test_the_switch_cuts_and_restores(db, client):
    assert client.post(SWITCH, {"action": "couper"}, follow=True).redirect_chain == [(PAGE, 302)]
    assert outage.is_cut()
    page = client.get(PAGE).content.decode()
    assert "API Entreprise est coupée" in page
    assert "Rétablir API Entreprise" in page
    client.post(SWITCH, {"action": "retablir"})
    assert not outage.is_cut()


def test_cutting_twice_stays_cut(db, client):
    client.post(SWITCH, {"action": "couper"})
    client.post(SWITCH, {"action": "couper"})
    assert outage.is_cut()


def test_the_switch_is_a_post_with_its_token(db, client):
    assert client.get(SWITCH).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(SWITCH, {"action": "couper"}).status_code == 403
    assert not outage.is_cut()


def test_outside_the_demo_the_pages_do_not_exist(db, client, settings):
    settings.DEMO = False
    assert client.get(PAGE).status_code == 404
    assert client.post(SWITCH, {"action": "couper"}).status_code == 404


def test_the_public_panel_of_a_company(db):
    part = public(EtablissementFactory())
    assert "fr-badge--success" in part
    assert "En activité" in part
    assert "20 à 49 salariés (2023)" in part
    assert "14 B AVENUE DES COQUELICOTS<br>94380 BONNEUIL-SUR-MARNE" in part
    assert "annuaire-entreprises" not in part


def test_the_public_panel_of_a_protected_company_explains_and_hides():
    part = public(EtablissementFactory.build(protected=True))
    assert "a demandé à ne pas être publiée" in part
    for secret in ("ROUSSEAU", "LEFEBVRE", "GLYCINES", "69100"):
        assert secret not in part


def test_the_full_panel_of_a_protected_company_shows_all_and_warns():
    part = full(EtablissementFactory.build(protected=True))
    assert "ne doivent pas être communiquées" in part
    assert "3 IMPASSE DES GLYCINES" in part
    assert "Camille ROUSSEAU (LEFEBVRE)" in part


@pytest.mark.parametrize("render", [public, full])
def test_a_closed_company_has_a_red_badge(render):
    part = render(EtablissementFactory.build(closed=True))
    assert "fr-badge--error" in part
    assert "Fermé depuis le 30/06/2024" in part


@pytest.mark.parametrize("render", [public, full])
def test_a_pending_company_says_that_data_will_come(render):
    part = render(EtablissementFactory.build(pending=True))
    assert "Les informations de l’entreprise seront récupérées automatiquement" in part
    assert "000 418 723 00011" in part


@pytest.mark.parametrize(
    ("state", "message"),
    [
        (LookupState.INTROUVABLE, "ne connaît aucun établissement"),
        (LookupState.NON_DIFFUSIBLE, "ne communique aucune information"),
        (LookupState.REFUSE, "n’ont pas pu être récupérées"),
    ],
)
@pytest.mark.parametrize("render", [public, full])
def test_a_final_failure_is_said(render, state, message):
    part = render(EtablissementFactory.build(state=state))
    assert message in part
    assert "DELMAS" not in part.replace("TRANSPORTS DELMAS ET FILS</h2>", "")


def test_what_the_api_says_is_escaped():
    part = full(EtablissementFactory.build(raison_sociale="<script>alert(1)</script>"))
    assert "<script>" not in part


def test_the_level_of_the_title_is_the_callers():
    assert "<h3 " in public(EtablissementFactory.build(), level=3)


def test_the_full_panel_links_to_the_directory():
    part = full(EtablissementFactory.build())
    assert "https://annuaire-entreprises.data.gouv.fr/etablissement/00041872300011" in part
    assert "nouvelle fenêtre" in part


@pytest.fixture
def ops(client_for):
    return client_for(User.objects.create_superuser("ops@exemple.fr", "x"))


def test_ops_search_and_read_the_look_ups(ops):
    row = EtablissementFactory(state=LookupState.COMPLET)
    EtablissementFactory(siret="00053916300014", raison_sociale="AUTRE")
    listed = ops.get("/admin/entreprise_api/etablissement/", {"q": "00041872300011"})
    assert "TRANSPORTS DELMAS" in listed.content.decode()
    assert "AUTRE" not in listed.content.decode()
    assert ops.get(f"/admin/entreprise_api/etablissement/{row.pk}/change/").status_code == 200


def test_ops_change_nothing(ops):
    row = EtablissementFactory()
    address = f"/admin/entreprise_api/etablissement/{row.pk}"
    assert ops.post(f"{address}/change/", {"siret": "00053916300014"}).status_code == 403
    assert ops.post(f"{address}/delete/", {"post": "yes"}).status_code == 403
    assert ops.get("/admin/entreprise_api/etablissement/add/").status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_the_admin_list_costs_the_same_for_any_number(ops, django_assert_num_queries, count):
    EtablissementFactory.create_batch(count)
    with django_assert_num_queries(5):
        ops.get("/admin/entreprise_api/etablissement/")
