import datetime
import json
import threading
import time
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import caches
from django.db import connection, connections, transaction
from django.utils import timezone

from entreprise_api import limits
from entreprise_api.enums import CapitalState, LookupState
from entreprise_api.exceptions import EtablissementNotDiffusible, EtablissementNotFound
from entreprise_api.lookup import complete, look_up, sweep
from entreprise_api.models import Etablissement
from entreprise_api.signals import etablissement_completed
from entreprise_api.simulator.companies import COMPANIES
from entreprise_api.siret import SiretError
from entreprise_api.tasks import sweep_etablissements
from tests.entreprise_api.factories import EtablissementFactory

SIRET = "00041872300011"
OTHER_SIRET = "00053916300014"


def insee(siret=SIRET, **meta):
    return {"data": COMPANIES[siret]["data"], "links": {}, "meta": meta}


def extrait(siret=SIRET):
    return {"data": COMPANIES[siret]["extrait"], "links": {}, "meta": {}}


def seconds_left(etablissement):
    return (etablissement.next_attempt_at - timezone.now()).total_seconds()


@pytest.fixture
def completed():
    """List the établissements that the signal told of, with whether a transaction was open."""
    told = []

    def listen(sender, etablissement, **kwargs):
        told.append((etablissement.pk, etablissement.state, connection.in_atomic_block))

    etablissement_completed.connect(listen)
    yield told
    etablissement_completed.disconnect(listen)


def test_an_answer_is_saved_at_once_and_the_capital_left_to_a_task(
    db, fake_api, django_capture_on_commit_callbacks
):
    fake_api.reply(body=insee())
    fake_api.reply(body=extrait())
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        found = look_up("000 418 723 00011", recipient="21599987100019", purpose="procedure_id: 7")
        assert len(fake_api.requests) == 1
        assert (found.state, found.capital_state) == (
            LookupState.COMPLET,
            CapitalState.A_RECUPERER,
        )
        assert found.name == "TRANSPORTS DELMAS ET FILS"
        assert found.fetched_at is not None
    assert len(callbacks) == 1
    found.refresh_from_db()
    assert (found.capital_state, found.capital_social) == (
        CapitalState.CONNU,
        Decimal("123456.78"),
    )
    assert found.next_attempt_at is None
    for address, _ in fake_api.requests:
        query = parse_qs(urlsplit(address).query)
        assert query["recipient"] == ["21599987100019"]
        assert query["object"] == ["procedure_id: 7"]


@pytest.mark.parametrize(
    ("status", "expected"), [(404, EtablissementNotFound), (451, EtablissementNotDiffusible)]
)
def test_a_final_refusal_is_raised_and_nothing_is_kept(db, fake_api, status, expected):
    fake_api.reply(status)
    with pytest.raises(expected):
        look_up(SIRET, purpose="test")
    assert not Etablissement.objects.exists()


def test_a_wrong_number_is_never_asked(db, fake_api):
    with pytest.raises(SiretError):
        look_up("13002526500014", purpose="test")
    assert fake_api.requests == []


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [(500, {}, 30), (502, {}, 30), (503, {}, 30), (504, {}, 30),
     (409, {}, 30), (429, {"Retry-After": "45"}, 45)],
)  # fmt: skip
def test_an_api_that_is_down_leaves_the_row_waiting(db, fake_api, status, headers, wait):
    fake_api.reply(status, headers=headers)
    found = look_up(SIRET, purpose="test")
    found.refresh_from_db()
    assert (found.state, found.is_pending, found.attempts) == (LookupState.EN_ATTENTE, True, 1)
    assert seconds_left(found) == pytest.approx(wait, abs=3)
    assert str(status) in found.last_error
    assert SIRET not in found.last_error


def test_a_slow_api_leaves_the_row_to_a_patient_task(
    db, fake_api, settings, django_capture_on_commit_callbacks
):
    settings.API_ENTREPRISE_INTERACTIVE_TIMEOUT_SECONDS = 0.3
    fake_api.reply(write=lambda stream: time.sleep(0.6))
    fake_api.reply(body=insee())
    started = time.monotonic()
    with django_capture_on_commit_callbacks(execute=True):
        found = look_up(SIRET, purpose="test")
        assert time.monotonic() - started < 1
        assert found.is_pending
    found.refresh_from_db()
    assert found.state == LookupState.COMPLET


def test_a_refusal_of_our_parameters_is_final(db, fake_api):
    fake_api.reply(422)
    found = look_up(SIRET, purpose="test")
    assert (found.state, found.is_pending) == (LookupState.REFUSE, False)
    assert found.next_attempt_at is None


def test_a_refused_token_is_tried_again_later(db, fake_api, settings, completed):
    fake_api.reply(401)
    fake_api.reply(body=insee())
    found = look_up(SIRET, purpose="test")
    assert (found.state, found.is_pending) == (LookupState.REFUSE, True)
    assert seconds_left(found) == pytest.approx(7200, abs=3)
    settings.API_ENTREPRISE_TOKEN = "le-nouveau-jeton"
    complete(found.pk)
    found.refresh_from_db()
    assert found.state == LookupState.COMPLET
    assert completed == [(found.pk, LookupState.COMPLET, True)]


def test_while_calls_are_held_nobody_calls(db, fake_api):
    limits.hold_off(40)
    found = look_up(SIRET, purpose="test")
    assert found.is_pending
    assert seconds_left(found) == pytest.approx(40, abs=3)
    complete(found.pk)
    Etablissement.objects.update(next_attempt_at=timezone.now())
    assert sweep() == []
    assert fake_api.requests == []


def test_a_redirection_keeps_both_numbers(db, fake_api, django_capture_on_commit_callbacks):
    fake_api.reply(body=insee(OTHER_SIRET, redirect_from_siret=SIRET))
    fake_api.reply(body=extrait(OTHER_SIRET))
    with django_capture_on_commit_callbacks(execute=True):
        found = look_up(SIRET, purpose="test")
    assert (found.siret, found.siret_answered, found.siren) == (
        SIRET,
        OTHER_SIRET,
        OTHER_SIRET[:9],
    )
    assert found.is_redirected
    assert "/000539163/extrait_kbis" in fake_api.requests[1][0]


def test_an_answer_of_today_is_reused_with_its_capital(db, fake_api):
    known = EtablissementFactory(
        siret=SIRET, fetched_at=timezone.now() - datetime.timedelta(hours=23), recipient="x"
    )
    found = look_up(SIRET, recipient="21599987100019", purpose="procedure_id: 8")
    assert fake_api.requests == []
    assert found.pk != known.pk
    for name in Etablissement.INSEE_FIELDS + Etablissement.CAPITAL_FIELDS:
        assert getattr(found, name) == getattr(known, name), name
    assert (found.recipient, found.purpose) == ("21599987100019", "procedure_id: 8")
    assert (found.state, found.next_attempt_at) == (LookupState.COMPLET, None)


def test_an_answer_of_yesterday_is_asked_again(db, fake_api):
    EtablissementFactory(
        siret=SIRET,
        raison_sociale="ANCIEN NOM",
        fetched_at=timezone.now() - datetime.timedelta(hours=24, seconds=1),
    )
    fake_api.reply(body=insee())
    assert look_up(SIRET, purpose="test").raison_sociale == "TRANSPORTS DELMAS ET FILS"


def test_the_newest_answer_is_the_one_reused(db, fake_api):
    hour = datetime.timedelta(hours=1)
    EtablissementFactory(siret=SIRET, diffusable=False, fetched_at=timezone.now() - hour)
    EtablissementFactory(siret=SIRET, diffusable=True, fetched_at=timezone.now() - 2 * hour)
    assert look_up(SIRET, purpose="test").diffusable is False


def test_a_row_that_waits_is_no_answer_to_reuse(db, fake_api):
    EtablissementFactory(siret=SIRET, pending=True)
    fake_api.reply(body=insee())
    assert look_up(SIRET, purpose="test").is_complete


def test_a_failure_does_not_spoil_the_transaction_of_the_caller(transactional_db, fake_api):
    fake_api.reply(503)
    with transaction.atomic():
        found = look_up(SIRET, purpose="test")
        assert Etablissement.objects.count() == 1
    assert Etablissement.objects.get() == found


def test_a_caller_that_rolls_back_leaves_nothing(transactional_db, fake_api):
    fake_api.reply(body=insee())
    with transaction.atomic():
        look_up(SIRET, purpose="test")
        transaction.set_rollback(True)
    assert not Etablissement.objects.exists()
    assert len(fake_api.requests) == 1


@pytest.mark.parametrize(
    ("status", "state"),
    [(404, LookupState.INTROUVABLE), (451, LookupState.NON_DIFFUSIBLE),
     (422, LookupState.REFUSE), (403, LookupState.REFUSE)],
)  # fmt: skip
def test_a_final_answer_that_comes_later_is_kept(db, fake_api, completed, status, state):
    waiting = EtablissementFactory(siret=SIRET, pending=True)
    fake_api.reply(status)
    complete(waiting.pk)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.is_pending, waiting.next_attempt_at) == (state, False, None)
    assert completed == [(waiting.pk, state, True)]


def test_completion_fills_everything_in_and_tells_once(db, fake_api, completed):
    waiting = EtablissementFactory(siret=SIRET, pending=True, attempts=3, last_error="HTTP 503")
    fake_api.reply(body=insee())
    fake_api.reply(body=extrait())
    for _ in range(3):
        complete(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.name == "TRANSPORTS DELMAS ET FILS"
    assert waiting.capital_social == Decimal("123456.78")
    assert (waiting.attempts, waiting.last_error, waiting.next_attempt_at) == (0, "", None)
    assert len(fake_api.requests) == 2
    assert completed == [(waiting.pk, LookupState.COMPLET, True)]


def test_a_receiver_that_fails_undoes_the_completion(transactional_db, fake_api):
    waiting = EtablissementFactory(siret=SIRET, pending=True)
    fake_api.reply(body=insee())

    def fail(sender, **kwargs):
        raise RuntimeError

    etablissement_completed.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            complete(waiting.pk)
    finally:
        etablissement_completed.disconnect(fail)
    waiting.refresh_from_db()
    assert waiting.is_pending


@pytest.mark.parametrize(
    ("status", "body", "state"),
    [
        (404, b"", CapitalState.INCONNU),
        (403, b"", CapitalState.REFUSE),
        (200, {"data": {"capital": {"montant": None}}}, CapitalState.INCONNU),
        (200, {"data": {}}, CapitalState.INCONNU),
    ],
)
def test_a_capital_that_is_unknown_is_unknown_for_good(db, fake_api, status, body, state):
    row = EtablissementFactory(
        capital_state=CapitalState.A_RECUPERER, capital_social=None, next_attempt_at=timezone.now()
    )
    fake_api.reply(status, body)
    complete(row.pk)
    complete(row.pk)
    row.refresh_from_db()
    assert (row.capital_state, row.capital_social, row.next_attempt_at) == (state, None, None)
    assert row.capital_label == "Non renseigné"
    assert len(fake_api.requests) == 1


def test_the_capital_is_tried_again_without_hiding_the_company(db, fake_api, completed):
    row = EtablissementFactory(
        capital_state=CapitalState.A_RECUPERER, capital_social=None, next_attempt_at=timezone.now()
    )
    fake_api.reply(502)
    complete(row.pk)
    row.refresh_from_db()
    assert (row.state, row.capital_state) == (LookupState.COMPLET, CapitalState.A_RECUPERER)
    assert seconds_left(row) == pytest.approx(30, abs=3)
    assert completed == []


def test_attempts_are_further_and_further_apart(db, fake_api):
    fake_api.reply(503)
    row = look_up(SIRET, purpose="test")
    waits = [round(seconds_left(row), -1)]
    for _ in range(6):
        complete(row.pk)
        row.refresh_from_db()
        waits.append(round(seconds_left(row), -1))
    assert waits == [30, 120, 600, 1800, 7200, 7200, 7200]


def test_a_longer_wait_asked_by_the_api_is_obeyed(db, fake_api):
    body = {"errors": [{"code": "03020", "title": "", "detail": "", "meta": {"retry_in": 3000}}]}
    fake_api.reply(503, body)
    assert seconds_left(look_up(SIRET, purpose="test")) == pytest.approx(3000, abs=3)


def test_a_row_erased_meanwhile_is_nothing_to_complete(db, fake_api):
    complete(123456789)
    assert fake_api.requests == []


def test_sweep_takes_what_is_due_and_only_once(db, fake_api):
    now = timezone.now()
    due = [
        EtablissementFactory(pending=True, next_attempt_at=now),
        EtablissementFactory(capital_state=CapitalState.A_RECUPERER, next_attempt_at=now),
    ]
    EtablissementFactory(pending=True, next_attempt_at=now + datetime.timedelta(minutes=5))
    EtablissementFactory()
    assert set(sweep(now)) == {row.pk for row in due}
    assert sweep(now) == []
    assert len(sweep(now + datetime.timedelta(minutes=11))) == 3


def test_the_sweep_task_completes_what_waits(db, fake_api):
    waiting = EtablissementFactory(siret=SIRET, pending=True)
    fake_api.reply(body=insee())
    fake_api.reply(body=extrait())
    sweep_etablissements.delay()
    waiting.refresh_from_db()
    assert (waiting.state, waiting.capital_state) == (LookupState.COMPLET, CapitalState.CONNU)


def in_threads(count, function, *args):
    """Run `function` in `count` threads at once and return what each gave."""
    results, barrier = [], threading.Barrier(count)

    def run():
        barrier.wait()
        try:
            results.append(function(*args))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(results) == count
    return results


def test_completions_at_once_call_and_tell_once(transactional_db, fake_api, completed):
    waiting = EtablissementFactory(siret=SIRET, pending=True)
    fake_api.reply(body=insee())
    fake_api.reply(body=extrait())
    in_threads(4, complete, waiting.pk)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.capital_state) == (LookupState.COMPLET, CapitalState.CONNU)
    assert len(fake_api.requests) == 2
    assert completed == [(waiting.pk, LookupState.COMPLET, True)]


def test_completions_at_once_tell_once_even_without_a_cache(
    transactional_db, fake_api, completed, monkeypatch, settings
):
    settings.CACHES = settings.CACHES | {
        "absent": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:9/0"}
    }
    monkeypatch.setattr(limits, "cache", caches.create_connection("absent"))
    waiting = EtablissementFactory(siret=SIRET, pending=True, capital_state=CapitalState.INCONNU)
    fake_api.reply(body=insee())
    in_threads(4, complete, waiting.pk)
    assert completed == [(waiting.pk, LookupState.COMPLET, True)]


def test_sweeps_at_once_share_the_rows(transactional_db, fake_api):
    EtablissementFactory.create_batch(10, pending=True)
    taken = [pk for pks in in_threads(3, sweep) for pk in pks]
    assert len(taken) == len(set(taken)) == 10


def test_two_people_who_ask_at_once_make_one_call(transactional_db, fake_api, monkeypatch):
    monkeypatch.setattr("entreprise_api.tasks.complete_etablissement.delay", lambda pk: None)
    body = json.dumps(insee()).encode()
    fake_api.reply(write=lambda stream: (time.sleep(0.3), stream.write(body)))
    found = in_threads(2, lambda: look_up(SIRET, purpose="test"))
    assert [row.is_complete for row in found] == [True, True]
    assert len({row.pk for row in found}) == 2
    assert len(fake_api.requests) == 1
