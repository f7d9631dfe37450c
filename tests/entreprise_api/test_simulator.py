import json
import time
from decimal import Decimal

import pytest
from django.conf import settings as django_settings
from django.urls import reverse

from entreprise_api.client import ApiEntrepriseClient
from entreprise_api.enums import CapitalState, LookupState
from entreprise_api.exceptions import (
    ApiUnavailable,
    EtablissementNotDiffusible,
    EtablissementNotFound,
)
from entreprise_api.lookup import complete, look_up
from entreprise_api.models import Etablissement
from entreprise_api.simulator import outage, views
from entreprise_api.simulator.companies import COMPANIES, SCENARIO_LABELS, SCENARIOS
from entreprise_api.simulator.snapshots import build_snapshot
from entreprise_api.siret import normalize_siret

SIRET = "00041872300011"
PARAMETERS = {"context": "aides publiques", "object": "test", "recipient": "13002526500013"}
BEARER = {"Authorization": f"Bearer {django_settings.API_ENTREPRISE_TOKEN}"}


@pytest.fixture
def api(live_server, settings):
    """Point the client at the simulator of a live server."""
    settings.API_ENTREPRISE_URL = f"{live_server.url}/demo/api-entreprise"
    settings.API_ENTREPRISE_TASK_TIMEOUT_SECONDS = 5


@pytest.fixture
def ask(client):
    """Return a function that calls the simulator as the API is called."""

    def ask(siret=SIRET, *, headers=BEARER, name="simulator_etablissement", **parameters):
        address = reverse(f"entreprise_api:{name}", args=[siret])
        wanted = {k: v for k, v in (PARAMETERS | parameters).items() if v is not None}
        return client.get(address, wanted, headers=headers)

    return ask


def codes(response):
    return [error["code"] for error in response.json()["errors"]]


@pytest.mark.parametrize("siret", [*COMPANIES, *SCENARIOS.values()])
def test_every_number_of_the_demo_is_valid(siret):
    assert normalize_siret(siret) == siret
    if siret in COMPANIES:
        unite = COMPANIES[siret]["data"]["unite_legale"]
        assert unite["siren"] == siret[:9]
        assert normalize_siret(unite["siret_siege_social"])


def test_no_number_has_two_roles():
    numbers = [*COMPANIES, *SCENARIOS.values()]
    assert len(numbers) == len(set(numbers))
    assert set(SCENARIOS) == set(SCENARIO_LABELS)


@pytest.mark.parametrize("siret", list(COMPANIES))
def test_every_company_is_looked_up_as_its_snapshot_says(transactional_db, api, siret):
    found = look_up(siret, purpose="test")
    found.refresh_from_db()
    expected = build_snapshot(siret)
    for name in (*Etablissement.INSEE_FIELDS, *Etablissement.CAPITAL_FIELDS, "state"):
        if name != "fetched_at":
            assert getattr(found, name) == getattr(expected, name), name
    assert found.next_attempt_at is None


def test_the_kinds_of_companies_are_all_there():
    snapshots = {siret: build_snapshot(siret) for siret in COMPANIES}
    assert [s for s, row in snapshots.items() if row.is_protected] == ["00072385800015"]
    assert [s for s, row in snapshots.items() if row.is_closed] == ["00081459000147"]
    assert snapshots[SIRET].capital_social == Decimal("123456.78")
    assert snapshots["00067240200013"].capital_state == CapitalState.INCONNU
    assert snapshots["00015638000016"].pays == "BELGIQUE"
    assert snapshots["00053916300014"].name == "AU BON PAIN DU NORD - LILLE"
    assert snapshots["21599987100019"].date_creation.year == 1958


@pytest.mark.parametrize(
    ("name", "expected"),
    [("introuvable", EtablissementNotFound), ("non_diffusible", EtablissementNotDiffusible)],
)
def test_final_scenarios(transactional_db, api, name, expected):
    with pytest.raises(expected):
        look_up(SCENARIOS[name], purpose="test")


@pytest.mark.parametrize(
    "name", ["limite", "erreur_500", "erreur_502", "maintenance", "html", "json_coupe"]
)
def test_scenarios_of_a_trouble_that_passes(transactional_db, api, name):
    found = look_up(SCENARIOS[name], purpose="test")
    assert found.state == LookupState.EN_ATTENTE


def test_the_slow_scenario_is_completed_by_the_task(transactional_db, api, monkeypatch, settings):
    monkeypatch.setattr(views, "SLOW_ANSWER_SECONDS", 0.6)
    settings.API_ENTREPRISE_INTERACTIVE_TIMEOUT_SECONDS = 0.3
    started = time.monotonic()
    found = look_up(SCENARIOS["lent"], purpose="test")
    assert found.is_pending
    assert time.monotonic() - started < 3  # the task ran in place
    found.refresh_from_db()
    assert (found.state, found.siren) == (LookupState.COMPLET, SCENARIOS["lent"][:9])


def test_the_redirection_scenario(transactional_db, api):
    found = look_up(SCENARIOS["redirection"], purpose="test")
    assert (found.siret, found.siret_answered) == (SCENARIOS["redirection"], SIRET)


def test_an_outage_ends_and_the_row_is_completed(transactional_db, api):
    outage.cut()
    found = look_up(SIRET, purpose="test")
    assert found.is_pending
    outage.restore()
    complete(found.pk)
    found.refresh_from_db()
    assert (found.state, found.capital_state) == (LookupState.COMPLET, CapitalState.CONNU)


def test_the_client_can_ask_on_behalf_of_another_recipient(transactional_db, api):
    with ApiEntrepriseClient() as client, pytest.raises(EtablissementNotFound):
        client.get_extrait_rcs("000672402", recipient="", purpose="test", timeout=2)
    outage.cut()
    with ApiEntrepriseClient() as client, pytest.raises(ApiUnavailable):
        client.get_extrait_rcs("000672402", recipient="", purpose="test", timeout=2)


def test_an_answer_has_the_headers_of_the_api(db, ask):
    response = ask()
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    assert response["X-Request-ID"]
    assert response["RateLimit-Limit"] == "250"
    assert response["RateLimit-Remaining"] == "249"
    assert int(response["RateLimit-Reset"]) >= time.time()
    assert set(response.json()) == {"data", "links", "meta"}


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer autre"},
                                     {"Authorization": "Basic x"}])  # fmt: skip
def test_a_wrong_token_is_refused(db, ask, headers):
    response = ask(headers=headers)
    assert response.status_code == 401
    assert codes(response) == ["00101"]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"context": None}, ["00201"]),
        ({"object": ""}, ["00202"]),
        ({"recipient": None}, ["00203"]),
        ({"context": None, "object": None, "recipient": None}, ["00201", "00202", "00203"]),
        ({"recipient": "123"}, ["00203"]),
        ({"recipient": SIRET}, ["00203"]),
    ],
)
def test_missing_or_wrong_parameters_are_refused(db, ask, parameters, expected):
    response = ask(**parameters)
    assert response.status_code == 422
    assert codes(response) == expected


def test_malformed_numbers_are_refused(db, ask):
    assert codes(ask("00041872300012")) == ["00302"]
    assert codes(ask("000418724", name="simulator_extrait_rcs")) == ["00301"]


def test_the_public_endpoint_masks_protected_fields(db, ask):
    siret = "00072385800015"
    full = ask(siret).json()["data"]
    public = json.dumps(ask(siret, name="simulator_etablissement_diffusible").json()["data"])
    assert full["unite_legale"]["personne_physique_attributs"]["nom_usage"] == "ROUSSEAU"
    assert "[ND]" in public
    for secret in ("ROUSSEAU", "LEFEBVRE", "CAMILLE", "GLYCINES", "69100"):
        assert secret not in public
    assert "VILLEURBANNE" in public


def test_ping_and_privileges(db, client):
    ping = reverse("entreprise_api:simulator_ping")
    assert client.get(ping).json()["status"] == "ok"
    outage.cut()
    assert client.get(ping).status_code == 502
    privileges = reverse("entreprise_api:simulator_privileges")
    assert client.get(privileges).status_code == 401
    assert "open_data" in client.get(privileges, headers=BEARER).json()["privileges"]


@pytest.mark.parametrize("name", ["simulator_ping", "simulator_privileges"])
def test_outside_the_demo_there_is_no_simulator(db, client, settings, ask, name):
    settings.DEMO = False
    assert client.get(reverse(f"entreprise_api:{name}"), headers=BEARER).status_code == 404
    assert ask().status_code == 404
    assert ask("000418723", name="simulator_extrait_rcs").status_code == 404
