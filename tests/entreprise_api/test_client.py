import base64
import contextlib
import gzip
import json
import logging
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache

from entreprise_api import limits
from entreprise_api.client import ApiEntrepriseClient, choose_recipient
from entreprise_api.exceptions import (
    ApiEntrepriseError,
    ApiRefused,
    ApiUnavailable,
    EtablissementNotDiffusible,
    EtablissementNotFound,
)
from entreprise_api.simulator.companies import COMPANIES
from tests.entreprise_api.conftest import TOKEN

SIRET = "00041872300011"
ANSWER = {"data": COMPANIES[SIRET]["data"], "links": {}, "meta": {}}
RECIPIENT, OTHER_BODY = "13002526500013", "21599987100019"


def get(siret=SIRET, *, recipient=RECIPIENT, purpose="procedure_id: 42", timeout=2):
    with ApiEntrepriseClient() as client:
        return client.get_etablissement(
            siret, recipient=recipient, purpose=purpose, timeout=timeout
        )


def errors(code, **meta):
    body = {"code": code, "title": "t", "detail": "d", "source": None, "meta": meta or None}
    return {"errors": [body]}


def jwt(**claims):
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJIUzI1NiJ9.{payload}.c2lnbmF0dXJl"


def test_a_call_has_its_path_parameters_and_token(fake_api):
    fake_api.reply(body=ANSWER)
    assert get(purpose="x" * 200)["raison_sociale"] == "TRANSPORTS DELMAS ET FILS"
    [(address, headers)] = fake_api.requests
    query = parse_qs(urlsplit(address).query)
    assert urlsplit(address).path == f"/v4/insee/sirene/etablissements/{SIRET}"
    assert set(query) == {"context", "object", "recipient"}
    assert query["recipient"] == [RECIPIENT]
    assert query["object"] == ["x" * 49]
    assert headers["Authorization"] == f"Bearer {TOKEN}"


def test_an_empty_purpose_is_still_said(fake_api):
    fake_api.reply(body=ANSWER)
    get(purpose="  ")
    assert parse_qs(urlsplit(fake_api.requests[0][0]).query)["object"][0].strip()


def test_the_extrait_rcs_gives_the_capital(fake_api):
    fake_api.reply(body={"data": COMPANIES[SIRET]["extrait"], "links": {}, "meta": {}})
    with ApiEntrepriseClient() as client:
        fields = client.get_extrait_rcs(SIRET[:9], recipient="", purpose="", timeout=2)
    assert {key: str(value) for key, value in fields.items()} == {
        "capital_social": "123456.78",
        "capital_devise": "EUR",
    }
    assert urlsplit(fake_api.requests[0][0]).path.endswith("/unites_legales/000418723/extrait_kbis")


@pytest.mark.parametrize(
    ("status", "body", "expected", "retry_after"),
    [
        (400, errors("00400"), ApiRefused, None),
        (401, errors("00101"), ApiRefused, None),
        (403, errors("00100"), ApiRefused, None),
        (404, errors("01003"), EtablissementNotFound, None),
        (404, b"<html>", EtablissementNotFound, None),
        (404, b"", EtablissementNotFound, None),
        (409, errors("00015"), ApiUnavailable, 5),
        (410, b"", ApiRefused, None),
        (408, b"", ApiUnavailable, None),
        (422, errors("00302"), ApiRefused, None),
        (451, errors("01451"), EtablissementNotDiffusible, None),
        (500, b"", ApiUnavailable, None),
        (502, errors("01999"), ApiUnavailable, None),
        (502, errors("04501", retry_in=172800), ApiUnavailable, 172800),
        (503, errors("03020", retry_in=600), ApiUnavailable, 600),
        (503, errors("03020", retry_in=-1), ApiUnavailable, None),
        (503, errors("03020", retry_in="bientôt"), ApiUnavailable, None),
        (503, errors("03020", retry_in=True), ApiUnavailable, None),
        (503, errors("03020", retry_in=10**12), ApiUnavailable, 7 * 24 * 3600),
        (504, errors("00501", retry_in=10), ApiUnavailable, 10),
        (504, b'{"errors": [', ApiUnavailable, None),
        (504, b'{"errors": ["x", 3, null]}', ApiUnavailable, None),
        (504, b'{"errors": {"meta": 1}}', ApiUnavailable, None),
        (302, b"", ApiUnavailable, None),
        (204, b"", ApiUnavailable, None),
    ],
)
def test_the_status_decides(fake_api, status, body, expected, retry_after):
    fake_api.reply(status, body, headers={"Location": "http://127.0.0.1:9/"})
    with pytest.raises(ApiEntrepriseError) as caught:
        get()
    assert type(caught.value) is expected
    assert caught.value.retryable is (expected is ApiUnavailable)
    assert getattr(caught.value, "retry_after_seconds", None) == retry_after
    assert len(fake_api.requests) == 1


@pytest.mark.parametrize(
    "body",
    [b"", b"<!doctype html><title>Maintenance</title>", b'{"data": {"siret": "000418', b"null",
     b"[1]", b'{"data": null}', b'{"data": {}}', b"\xff\xfe\x00", b"[" * 50_000],
)  # fmt: skip
def test_a_success_that_cannot_be_read_is_tried_again(fake_api, body):
    fake_api.reply(200, body)
    with pytest.raises(ApiUnavailable):
        get()


def test_a_body_of_ten_megabytes_is_cut_off(fake_api):
    sent = 0

    def flood(stream):
        nonlocal sent
        for _ in range(160):
            stream.write(b" " * 65536)
            sent += 65536

    fake_api.reply(200, write=flood)
    started = time.monotonic()
    with pytest.raises(ApiUnavailable):
        get()
    assert time.monotonic() - started < 2
    assert sent < 10 * 1024 * 1024


def test_a_gzip_bomb_is_cut_off(fake_api):
    fake_api.reply(200, gzip.compress(b" " * 30_000_000), headers={"Content-Encoding": "gzip"})
    with pytest.raises(ApiUnavailable):
        get()


def test_a_huge_error_page_is_the_bare_status(fake_api):
    fake_api.reply(404, b"x" * 3_000_000)
    with pytest.raises(EtablissementNotFound):
        get()


def test_a_body_shorter_than_announced_is_tried_again(fake_api):
    body = json.dumps(ANSWER).encode()
    fake_api.reply(200, body[:100], headers={"Content-Length": str(len(body))})
    with pytest.raises(ApiUnavailable):
        get()


def test_a_drip_does_not_outlast_the_timeout(fake_api):
    def drip(stream):
        for _ in range(40):
            stream.write(b" ")
            time.sleep(0.1)

    fake_api.reply(200, write=drip)
    started = time.monotonic()
    with pytest.raises(ApiUnavailable) as caught:
        get(timeout=0.5)
    assert time.monotonic() - started < 1.5
    assert caught.value.is_timeout


def test_silence_is_a_timeout(fake_api):
    fake_api.reply(200, write=lambda stream: time.sleep(1))
    with pytest.raises(ApiUnavailable) as caught:
        get(timeout=0.3)
    assert caught.value.is_timeout


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://nulle-part.invalid", "http://"])
def test_no_server_is_unavailable(settings, url):
    settings.API_ENTREPRISE_URL = url
    with pytest.raises(ApiUnavailable) as caught:
        get()
    assert SIRET not in str(caught.value)


def test_redirections_are_not_followed(fake_api):
    fake_api.reply(302, headers={"Location": f"{fake_api.url}/ailleurs"})
    with pytest.raises(ApiUnavailable):
        get()
    assert len(fake_api.requests) == 1


def test_429_holds_every_caller_off(fake_api):
    fake_api.reply(429, errors("00429"), headers={"Retry-After": "30"})
    with pytest.raises(ApiUnavailable) as caught:
        get()
    assert caught.value.retry_after_seconds == pytest.approx(30, abs=1)
    with pytest.raises(ApiUnavailable) as caught:
        get("00053916300014")
    assert caught.value.retry_after_seconds == pytest.approx(30, abs=1)
    assert len(fake_api.requests) == 1


@pytest.mark.parametrize("header", [None, "", "bientôt".encode().decode("latin-1"), "-3",
                                    "Wed, 21 Oct 2026 07:28:00 GMT", "9" * 30])  # fmt: skip
def test_429_without_a_readable_delay_waits_a_minute(fake_api, header):
    fake_api.reply(429, headers={} if header is None else {"Retry-After": header})
    with pytest.raises(ApiUnavailable) as caught:
        get()
    assert caught.value.retry_after_seconds == pytest.approx(60, abs=1)


def test_an_absurd_delay_is_shortened(fake_api):
    fake_api.reply(429, headers={"Retry-After": "999999999"})
    with pytest.raises(ApiUnavailable):
        get()
    assert limits.held_seconds() == pytest.approx(12 * 3600, abs=2)


def test_a_shorter_hold_does_not_shorten_a_longer_one():
    limits.hold_off(60)
    limits.hold_off(5)
    assert limits.held_seconds() == pytest.approx(60, abs=1)


def test_the_last_call_of_the_quota_holds_the_others_off(fake_api):
    reset = str(int(time.time()) + 20)
    fake_api.reply(body=ANSWER, headers={"RateLimit-Remaining": "0", "RateLimit-Reset": reset})
    assert get()["siren"] == "000418723"
    with pytest.raises(ApiUnavailable):
        get()
    assert len(fake_api.requests) == 1


def test_a_refused_token_is_reported_once_and_no_longer_used(fake_api, caplog, settings):
    fake_api.reply(401, errors("00103"))
    for _ in range(3):
        with pytest.raises(ApiRefused) as caught:
            get()
        assert caught.value.is_token_problem
    assert len(fake_api.requests) == 1
    assert [r.levelname for r in caplog.records if r.levelno >= logging.ERROR] == ["ERROR"]
    settings.API_ENTREPRISE_TOKEN = "un-nouveau-jeton"
    with pytest.raises(ApiRefused):
        get()
    assert len(fake_api.requests) == 2


@pytest.mark.parametrize("token", ["", "  ", "clé", "a\nb", jwt(exp=1_600_000_000)])
def test_an_absent_or_expired_token_is_reported_without_a_call(fake_api, caplog, settings, token):
    settings.API_ENTREPRISE_TOKEN = token
    fake_api.reply(body=ANSWER)
    for _ in range(2):
        with pytest.raises(ApiRefused) as caught:
            get()
        assert caught.value.is_token_problem
    assert fake_api.requests == []
    assert len([r for r in caplog.records if r.levelno >= logging.ERROR]) == 1


@pytest.mark.parametrize(
    "token", [jwt(exp=4_000_000_000), jwt(), jwt(exp="demain"), "a.b.c", "a.é.c", "sans-points"]
)
def test_a_token_that_does_not_say_it_has_expired_is_used(fake_api, settings, token):
    settings.API_ENTREPRISE_TOKEN = token.replace("é", "!")
    fake_api.reply(body=ANSWER)
    assert get()["siren"] == "000418723"


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 422, 429, 451, 500, 503])
def test_neither_the_token_nor_the_number_is_logged(fake_api, caplog, status):
    caplog.set_level(logging.INFO)
    fake_api.reply(
        status,
        ANSWER if status == 200 else errors("00302"),
        headers={"X-Request-ID": "3f1c-77"},
    )
    with contextlib.suppress(ApiEntrepriseError):
        get(purpose="motif secret")
    assert "3f1c-77" in caplog.text
    assert f" {status} " in caplog.text
    for secret in (TOKEN, SIRET, SIRET[:9], "DELMAS", "motif"):
        assert secret not in caplog.text


def test_a_failure_without_answer_logs_nothing_personal(caplog, settings):
    caplog.set_level(logging.INFO)
    settings.API_ENTREPRISE_URL = "http://127.0.0.1:9"
    settings.API_ENTREPRISE_TOKEN = TOKEN
    with pytest.raises(ApiUnavailable) as caught:
        get()
    assert caught.value.__suppress_context__
    for secret in (TOKEN, SIRET):
        assert secret not in caplog.text


def test_a_forged_request_id_is_not_logged(fake_api, caplog):
    caplog.set_level(logging.INFO)
    fake_api.reply(404, headers={"X-Request-ID": "x ERROR faux message"})
    with pytest.raises(EtablissementNotFound):
        get()
    assert "faux message" not in caplog.text


@pytest.mark.parametrize(
    ("asked", "siren", "expected"),
    [
        (OTHER_BODY, SIRET[:9], OTHER_BODY),
        ("215 999 871 00019", SIRET[:9], OTHER_BODY),
        ("", SIRET[:9], RECIPIENT),
        ("n’importe quoi", SIRET[:9], RECIPIENT),
        (OTHER_BODY, OTHER_BODY[:9], RECIPIENT),
        (OTHER_BODY, RECIPIENT[:9], OTHER_BODY),
    ],
)
def test_the_recipient_is_never_the_company(asked, siren, expected):
    assert choose_recipient(asked, siren) == expected


def test_without_another_recipient_no_call_is_made(fake_api):
    fake_api.reply(body=ANSWER)
    with pytest.raises(ApiRefused) as caught:
        get("13002526500013", recipient="")
    assert not caught.value.is_token_problem
    assert fake_api.requests == []


def test_calls_go_on_while_the_cache_is_down(fake_api, settings):
    settings.CACHES = {
        "default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:9/0"}
    }
    fake_api.reply(body=ANSWER)
    assert cache.get("x") is None
    assert get()["siren"] == "000418723"
