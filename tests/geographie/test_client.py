"""Calls to the Base Adresse Nationale and geo.api.gouv.fr, on a local server."""

import contextlib
import json
import logging
import time
from urllib.parse import parse_qs, urlsplit

import pytest

from geographie.client import COMMUNES_MAX, MAX_BODY_BYTES, fetch_adresses, fetch_communes
from geographie.exceptions import GeographieUnavailable

FEATURE = {
    "type": "Feature",
    "geometry": {"type": "Point", "coordinates": [3.0617, 50.6366]},
    "properties": {
        "label": "12 Rue Nationale 59000 Lille",
        "score": 0.96,
        "housenumber": "12",
        "name": "12 Rue Nationale",
        "street": "Rue Nationale",
        "postcode": "59000",
        "city": "Lille",
        "citycode": "59350",
        "context": "59, Nord, Hauts-de-France",
        "type": "housenumber",
    },
}
ADRESSE = {
    "label": "12 Rue Nationale 59000 Lille",
    "numero": "12",
    "voie": "Rue Nationale",
    "code_postal": "59000",
    "commune": "Lille",
    "code_insee": "59350",
    "departement": "59",
    "lon": 3.0617,
    "lat": 50.6366,
}
LILLE = {
    "nom": "Lille",
    "code": "59350",
    "codesPostaux": ["59000", "59160"],
    "codeDepartement": "59",
    "codeRegion": "32",
}


def collection(*features):
    return {"type": "FeatureCollection", "features": list(features)}


def query_of(api) -> dict:
    return parse_qs(urlsplit(api.requests[-1][0]).query)


def test_an_address_is_asked_for_as_the_service_wants(fake_api):
    fake_api.reply(body=collection(FEATURE))

    assert fetch_adresses("12 rue nat") == [ADRESSE]
    assert urlsplit(fake_api.requests[0][0]).path == "/search/"
    assert query_of(fake_api) == {"q": ["12 rue nat"], "limit": ["5"], "autocomplete": ["1"]}


def test_a_street_has_its_name_and_no_number(fake_api):
    properties = {"label": "Rue Nationale 59000 Lille", "name": "Rue Nationale", "type": "street"}
    fake_api.reply(body=collection({"properties": properties}))

    assert fetch_adresses("rue nationale") == [
        {"label": "Rue Nationale 59000 Lille", "voie": "Rue Nationale"}
    ]


def test_a_commune_comes_once_for_each_code_postal(fake_api):
    fake_api.reply(body=[LILLE])

    assert fetch_communes("lill") == [
        {"nom": "Lille", "code": "59350", "departement": "59", "code_postal": code}
        for code in ("59000", "59160")
    ]
    assert urlsplit(fake_api.requests[0][0]).path == "/communes"
    assert query_of(fake_api) == {
        "nom": ["lill"],
        "fields": ["nom,code,codesPostaux,codeDepartement,codeRegion"],
        "boost": ["population"],
        "limit": ["5"],
    }


@pytest.mark.parametrize(
    ("text", "nom"), [("59160", None), ("Lille (59160)", "Lille"), ("59160 Lille", "Lille")]
)
def test_a_code_postal_is_asked_for_as_such(fake_api, text, nom):
    fake_api.reply(body=[LILLE])

    assert [commune["code_postal"] for commune in fetch_communes(text)] == ["59160"]
    assert query_of(fake_api)["codePostal"] == ["59160"]
    assert query_of(fake_api).get("nom", [None]) == [nom]


@pytest.mark.parametrize("text", ["590", "?!", "5900000"])
def test_what_cannot_be_a_commune_is_not_asked(fake_api, text):
    assert fetch_communes(text) == []
    assert fake_api.requests == []


def test_a_town_of_many_codes_postaux_is_cut(fake_api):
    fake_api.reply(body=[LILLE | {"codesPostaux": [f"75{rank:03d}" for rank in range(200)]}])

    assert len(fetch_communes("paris")) == COMMUNES_MAX


@pytest.mark.parametrize("fetch", [fetch_adresses, fetch_communes])
@pytest.mark.parametrize("status", [301, 401, 403, 429, 500, 502, 503, 504])
def test_an_error_is_an_outage(fake_api, fetch, status):
    fake_api.reply(status, b"<h1>Erreur</h1>", headers={"Location": "http://127.0.0.1:9/"})

    with pytest.raises(GeographieUnavailable):
        fetch("lille")


@pytest.mark.parametrize("fetch", [fetch_adresses, fetch_communes])
@pytest.mark.parametrize("status", [400, 404, 414, 422])
def test_a_text_that_makes_no_sense_has_no_suggestion(fake_api, fetch, status):
    fake_api.reply(status, {"code": status})

    assert fetch("lille") == []


@pytest.mark.parametrize(("header", "seconds"), [("30", 30), ("bientôt", None), ("-1", None)])
def test_the_wait_asked_for_is_told(fake_api, header, seconds):
    fake_api.reply(429, headers={"Retry-After": header.encode().decode("latin-1")})

    with pytest.raises(GeographieUnavailable) as refused:
        fetch_adresses("lille")

    assert refused.value.retry_after_seconds == seconds


def test_nobody_answering_is_an_outage(settings):
    settings.BAN_URL = settings.GEO_API_URL = "http://127.0.0.1:9"

    with pytest.raises(GeographieUnavailable):
        fetch_adresses("lille")
    with pytest.raises(GeographieUnavailable):
        fetch_communes("lille")


def _drip(output):
    with contextlib.suppress(OSError):
        for _ in range(200):
            output.write(b" ")
            output.flush()
            time.sleep(0.1)


def _flood(output):
    with contextlib.suppress(OSError):
        output.write(b" " * (MAX_BODY_BYTES + 1_000_000))


@pytest.mark.parametrize("write", [_drip, _flood, lambda output: time.sleep(10)])
def test_an_answer_that_never_ends_holds_nobody(fake_api, settings, write):
    settings.GEOGRAPHIE_TIMEOUT_SECONDS = 0.5
    fake_api.reply(write=write)
    started = time.monotonic()

    with pytest.raises(GeographieUnavailable):
        fetch_adresses("lille")

    assert time.monotonic() - started < 5


@pytest.mark.parametrize("fetch", [fetch_adresses, fetch_communes])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"null",
        b"12",
        b'"x"',
        b'{"a"',
        b"\xff\xfe",
        b"[" * 50_000,
        b'{"features": 3}',
    ],
)
def test_a_body_that_means_nothing_is_an_outage(fake_api, fetch, body):
    fake_api.reply(body=body)

    with pytest.raises(GeographieUnavailable):
        fetch("lille")


@pytest.mark.parametrize(
    "feature",
    [
        None,
        [],
        {},
        {"properties": None},
        {"properties": {"label": 12}},
        {"properties": {"label": "  \x00\x1b "}},
    ],
)
def test_an_address_without_label_is_left_out(fake_api, feature):
    fake_api.reply(body=collection(feature, FEATURE))

    assert fetch_adresses("lille") == [ADRESSE]


def test_a_hostile_address_is_cut_and_cleaned(fake_api):
    properties = {
        "label": "a\x00\u202eb" * 500,
        "postcode": ["59000"],
        "city": {"x": 1},
        "street": "<b>rue</b>",
        "context": 3,
    }
    feature = {"properties": properties, "geometry": {"coordinates": ["x", 1e400]}}
    fake_api.reply(body=json.dumps(collection(feature)).encode())

    [adresse] = fetch_adresses("lille")

    assert set(adresse) == {"label", "voie"}
    assert adresse["label"] == ("ab" * 500)[:200]
    assert adresse["voie"] == "<b>rue</b>"


@pytest.mark.parametrize(
    "coordinates", [[], [3.06], [None, None], [float("nan"), 1], [500, 1], "3,50", [1, 2, 3]]
)
def test_wrong_coordinates_are_left_out(fake_api, coordinates):
    fake_api.reply(body=collection(FEATURE | {"geometry": {"coordinates": coordinates}}))

    [adresse] = fetch_adresses("lille")

    assert {"lon", "lat"} & set(adresse) == set()


@pytest.mark.parametrize(
    "item",
    [None, {}, [], {"nom": "Lille"}, LILLE | {"codesPostaux": None}, LILLE | {"codesPostaux": [3]}],
)
def test_a_commune_without_its_codes_is_left_out(fake_api, item):
    fake_api.reply(body=[item])

    assert fetch_communes("lille") == []


def test_what_was_typed_never_reaches_a_log(fake_api, caplog):
    fake_api.reply(500)
    caplog.set_level(logging.INFO)

    with pytest.raises(GeographieUnavailable) as refused:
        fetch_adresses("impasse très personnelle")

    assert "BAN ne répond pas : HTTP 500" in caplog.text
    assert "personnelle" not in caplog.text + str(refused.value)
