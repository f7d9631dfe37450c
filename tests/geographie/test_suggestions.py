"""Suggestions as TPS gives them: remembered, held off after a failure, signed."""

import json

import pytest
from django.core import signing
from django.test import Client

from geographie.client import TEXT_MAX
from geographie.exceptions import GeographieUnavailable
from geographie.simulator import outage
from geographie.suggestions import ADRESSES, COMMUNES
from geographie.views import RATE
from tests.accounts.factories import UserFactory
from tests.geographie.test_client import ADRESSE, FEATURE, LILLE, collection, query_of

COMMUNE = {"nom": "Lille", "code": "59350", "departement": "59", "code_postal": "59000"}


def test_the_same_text_is_asked_once(fake_api):
    fake_api.reply(body=collection(FEATURE))

    assert ADRESSES.search("12 rue Nationale") == [ADRESSE]
    assert ADRESSES.search("  12  RUE nationale ") == [ADRESSE]
    assert len(fake_api.requests) == 1


def test_no_suggestion_is_an_answer_to_remember(fake_api):
    fake_api.reply(body=collection())

    assert ADRESSES.search("nulle part") == []
    assert ADRESSES.search("nulle part") == []
    assert len(fake_api.requests) == 1


def test_addresses_and_communes_do_not_mix(fake_api):
    fake_api.reply(body=collection(FEATURE))
    fake_api.reply(body=[LILLE])

    assert ADRESSES.search("lille")[0] == ADRESSE
    assert COMMUNES.search("lille")[0] == COMMUNE


@pytest.mark.parametrize("text", ["", " ", "a", "ab", " a b "[:3]])
def test_a_text_too_short_is_not_asked(fake_api, text):
    assert ADRESSES.search(text) == []
    assert fake_api.requests == []


def test_a_very_long_text_is_cut(fake_api):
    fake_api.reply(body=collection())

    ADRESSES.search("a" * 10_000)

    assert query_of(fake_api)["q"] == ["a" * TEXT_MAX]


def test_after_a_failure_nobody_waits_for_a_while(fake_api):
    fake_api.reply(503)

    for text in ("lille", "roubaix"):
        with pytest.raises(GeographieUnavailable):
            ADRESSES.search(text)

    assert len(fake_api.requests) == 1


def test_one_service_down_leaves_the_other(fake_api):
    fake_api.reply(429, headers={"Retry-After": "3600"})
    fake_api.reply(body=[LILLE])

    with pytest.raises(GeographieUnavailable):
        ADRESSES.search("lille")

    assert COMMUNES.search("lille")[0] == COMMUNE


def test_a_signed_suggestion_is_read_with_its_own_text_alone():
    jeton = COMMUNES.sign(COMMUNE)

    assert COMMUNES.read(jeton, " Lille (59000) ") == COMMUNE
    assert COMMUNES.sign(COMMUNE) == jeton
    assert COMMUNES.read(jeton, "Lille (59160)") is None
    assert ADRESSES.read(jeton, "Lille (59000)") is None


@pytest.mark.parametrize(
    "jeton",
    [
        "",
        "x",
        ":",
        "\x00",
        "é" * 50,
        "a" * 100_000,
        signing.Signer(salt="autre").sign_object(COMMUNE),
        signing.dumps(COMMUNE),
        COMMUNES.sign(COMMUNE)[:-1],
        "e30" + COMMUNES.sign(COMMUNE),
    ],
)
def test_a_forged_token_says_nothing(jeton):
    assert COMMUNES.read(jeton, "Lille (59000)") is None


@pytest.fixture
def client_of_someone(client_for) -> Client:
    return client_for(UserFactory())


def test_suggestions_carry_their_token(fake_api, client_of_someone):
    fake_api.reply(body=[LILLE | {"codesPostaux": ["59000"]}])

    response = client_of_someone.get("/lieux/communes/?q=lill")

    assert json.loads(response.content) == {
        "disponible": True,
        "suggestions": [{"label": "Lille (59000)", "jeton": COMMUNES.sign(COMMUNE)}],
    }
    assert "no-store" in response.headers["Cache-Control"]


def test_an_outage_is_said_without_an_error(fake_api, client_of_someone):
    fake_api.reply(502)

    response = client_of_someone.get("/lieux/adresses/?q=lille")

    assert response.status_code == 200
    assert response.json() == {"disponible": False, "suggestions": []}


def test_suggestions_are_for_people_signed_in(fake_api, client, db):
    assert client.get("/lieux/adresses/?q=lille").status_code == 302
    assert fake_api.requests == []


def test_one_account_asks_so_much_and_no_more(fake_api, client_of_someone, client_for):
    for _ in range(int(RATE.partition("/")[0])):
        assert client_of_someone.get("/lieux/adresses/?q=a").status_code == 200

    assert client_of_someone.get("/lieux/adresses/?q=a").status_code == 429
    assert client_of_someone.get("/lieux/communes/?q=a").status_code in (200, 429)
    assert client_for(UserFactory()).get("/lieux/adresses/?q=a").status_code == 200


def test_the_simulator_answers_as_the_real_services(client, live_server, settings):
    settings.BAN_URL = f"{live_server.url}/demo/ban"
    settings.GEO_API_URL = f"{live_server.url}/demo/geo-api"

    assert [found["label"] for found in ADRESSES.search("12 rue nat lille")] == [
        "12 Rue Nationale 59000 Lille",
        "12bis Rue Nationale 59000 Lille",
    ]
    assert ADRESSES.search("12 rue nat lille")[0] == ADRESSE
    assert COMMUNES.search("59000") == [COMMUNE]
    assert ADRESSES.search("zzz zzz") == []
    assert ADRESSES.search("?" * 5) == []


def test_the_switch_cuts_the_simulator_and_restores_it(db, client):
    client.post("/demo/lieux/panne/", {"action": "couper"})
    assert outage.is_cut()
    assert client.get("/demo/ban/search/?q=lille").status_code == 504
    assert client.get("/demo/geo-api/communes?nom=lille").status_code == 504
    assert "Les suggestions sont coupées" in client.get("/demo/lieux/").content.decode()

    client.post("/demo/lieux/panne/", {"action": "retablir"})
    assert client.get("/demo/ban/search/?q=lille").status_code == 200


@pytest.mark.parametrize(
    "path", ["/demo/lieux/", "/demo/ban/search/?q=lille", "/demo/geo-api/communes?nom=lille"]
)
def test_nothing_is_simulated_out_of_the_demo(db, client, settings, path):
    settings.DEMO = False

    assert client.get(path).status_code == 404
