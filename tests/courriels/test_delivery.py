import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection

from courriels import delivery
from courriels.delivery import deliver, take_left_behind
from courriels.enums import REQUEUE_AFTER, RETRY_DELAYS, CourrielState
from courriels.models import Courriel
from courriels.tasks import send_courriel, sweep_courriels
from tests.courriels.backends import SlowBackend
from tests.courriels.factories import CourrielFactory

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def use_backend(settings):
    def use(name: str) -> None:
        settings.EMAIL_BACKEND = f"tests.courriels.backends.{name}"

    return use


def use_locmem(settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.mark.django_db
def test_an_email_is_sent_once_however_often_its_task_runs(mailoutbox):
    courriel = CourrielFactory()

    results = [deliver(courriel.pk) for _ in range(3)]

    assert results == [True, False, False]
    assert len(mailoutbox) == 1


@pytest.mark.django_db
def test_a_row_that_is_gone_is_no_error(mailoutbox):
    send_courriel(0)

    assert mailoutbox == []


@pytest.mark.django_db
def test_a_provider_error_is_retried_later_and_later_then_given_up(use_backend):
    use_backend("DownBackend")
    waits = []
    with time_machine.travel(NOON, tick=False) as clock:
        courriel = CourrielFactory(next_attempt_at=NOON, queued_at=NOON)
        while courriel.state == CourrielState.EN_ATTENTE:
            deliver(courriel.pk)
            courriel.refresh_from_db()
            if courriel.state == CourrielState.EN_ATTENTE:
                waits.append(courriel.next_attempt_at - datetime.now(UTC))
                clock.move_to(courriel.next_attempt_at)
        gave_up_after = datetime.now(UTC) - NOON

    assert waits == list(RETRY_DELAYS)
    assert timedelta(days=2, hours=12) < gave_up_after < timedelta(days=3)
    assert courriel.state == CourrielState.ECHEC
    assert courriel.attempts == len(RETRY_DELAYS) + 1
    assert courriel.sent_at is None
    assert courriel.last_error == "SMTPServerDisconnected : Connection unexpectedly closed"


@pytest.mark.django_db
def test_a_second_task_does_not_hasten_the_next_attempt(use_backend, settings, mailoutbox):
    use_backend("DownBackend")
    with time_machine.travel(NOON, tick=False):
        courriel = CourrielFactory(next_attempt_at=NOON)
        deliver(courriel.pk)
        use_locmem(settings)
        deliver(courriel.pk)

    courriel.refresh_from_db()
    assert courriel.attempts == 1
    assert courriel.next_attempt_at == NOON + timedelta(minutes=1)
    assert mailoutbox == []


@pytest.mark.django_db
def test_a_first_attempt_does_not_wait_for_a_late_clock(mailoutbox):
    with time_machine.travel(NOON, tick=False):
        deliver(CourrielFactory(next_attempt_at=NOON + timedelta(seconds=2)).pk)

    assert len(mailoutbox) == 1


@pytest.mark.django_db
def test_after_an_outage_the_email_leaves_and_the_error_is_forgotten(
    use_backend, settings, mailoutbox
):
    use_backend("DownBackend")
    with time_machine.travel(NOON, tick=False) as clock:
        courriel = CourrielFactory(next_attempt_at=NOON)
        deliver(courriel.pk)
        use_locmem(settings)
        sweep_courriels()
        assert mailoutbox == []
        clock.shift(60)
        sweep_courriels()

    courriel.refresh_from_db()
    assert (courriel.state, courriel.attempts) == (CourrielState.ENVOYE, 2)
    assert courriel.last_error == ""
    assert len(mailoutbox) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("backend", ["UnknownRecipientBackend", "AnymailRefusalBackend"])
def test_a_recipient_refused_for_good_is_given_up_at_once(use_backend, backend):
    use_backend(backend)
    courriel = CourrielFactory()

    deliver(courriel.pk)

    courriel.refresh_from_db()
    assert (courriel.state, courriel.attempts) == (CourrielState.ECHEC, 1)
    assert courriel.last_error != ""


@pytest.mark.django_db
@pytest.mark.parametrize("backend", ["GreylistingBackend", "SilentBackend", "BrokenQueryBackend"])
def test_any_other_refusal_is_tried_again(use_backend, backend):
    use_backend(backend)
    courriel = CourrielFactory()

    deliver(courriel.pk)

    courriel.refresh_from_db()
    assert (courriel.state, courriel.attempts) == (CourrielState.EN_ATTENTE, 1)
    assert courriel.last_error != ""


@pytest.mark.django_db(transaction=True)
def test_ten_senders_at_once_send_once(use_backend, mailoutbox):
    use_backend("SlowBackend")
    courriel = CourrielFactory()
    barrier, results = threading.Barrier(10), []

    def sender():
        try:
            barrier.wait()
            results.append(deliver(courriel.pk))
        finally:
            connection.close()

    threads = [threading.Thread(target=sender) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == [False] * 9 + [True]
    assert len(mailoutbox) == 1


@pytest.mark.django_db
def test_the_sweep_takes_only_what_was_left_behind():
    with time_machine.travel(NOON, tick=False):
        lost = CourrielFactory(next_attempt_at=NOON, queued_at=NOON - REQUEUE_AFTER)
        retried = CourrielFactory(next_attempt_at=NOON, queued_at=None, attempts=1)
        CourrielFactory(next_attempt_at=NOON, queued_at=NOON)
        CourrielFactory(next_attempt_at=NOON + timedelta(seconds=1), queued_at=None, attempts=1)
        CourrielFactory(envoye=True, next_attempt_at=NOON)
        CourrielFactory(echec=True, next_attempt_at=NOON)

        first, second = take_left_behind(), take_left_behind()

    assert set(first) == {lost.pk, retried.pk}
    assert second == []


@pytest.mark.django_db
def test_the_sweep_takes_a_bounded_batch_the_oldest_first(monkeypatch):
    monkeypatch.setattr(delivery, "SWEEP_BATCH_SIZE", 2)
    with time_machine.travel(NOON, tick=False):
        rows = [
            CourrielFactory(next_attempt_at=NOON - timedelta(hours=age), queued_at=None)
            for age in (1, 3, 2)
        ]

        assert set(take_left_behind()) == {rows[1].pk, rows[2].pk}
        assert take_left_behind() == [rows[0].pk]


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_the_sweep_costs_the_same_for_any_number(count, django_assert_num_queries):
    CourrielFactory.create_batch(count, queued_at=None)

    with django_assert_num_queries(4):  # savepoint, select, update, release
        assert len(take_left_behind()) == count


@pytest.mark.django_db(transaction=True)
def test_the_sweep_skips_a_row_that_is_being_sent(use_backend):
    use_backend("SlowBackend")
    SlowBackend.began.clear()
    courriel = CourrielFactory(queued_at=None)

    def sender():
        deliver(courriel.pk)
        connection.close()

    thread = threading.Thread(target=sender)
    thread.start()
    assert SlowBackend.began.wait(10)
    taken = take_left_behind()
    thread.join()

    assert taken == []
    assert Courriel.objects.get().state == CourrielState.ENVOYE
