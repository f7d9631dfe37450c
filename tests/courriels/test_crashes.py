"""What a killed worker, a wiped Redis and an absent broker may not lose nor send twice."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redis
import time_machine
from django.db import transaction

from courriels.enums import CourrielState
from courriels.models import Courriel, DemoMessage
from courriels.outbox import enqueue
from courriels.tasks import send_courriel, sweep_courriels
from tps.celery import app

PATIENCE_SECONDS = 20
CLOSED_PORT = "redis://127.0.0.1:9/0"


def accuse_reception(to: str = "usager@exemple.fr") -> Courriel:
    with transaction.atomic():
        return enqueue(to=to, kind="accuse_reception", subject="Accusé", body_text="Bonjour")


def sweep_ten_minutes_later() -> None:
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=10)):
        sweep_courriels()


def wait_until(happened) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        if time.monotonic() > deadline:
            pytest.fail("What was expected did not happen")
        time.sleep(0.05)


def recipients() -> list[str]:
    return list(DemoMessage.objects.order_by("pk").values_list("to", flat=True))


def broker() -> redis.Redis:
    return redis.Redis.from_url(app.conf.broker_url)


@pytest.mark.worker
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_between_commit_and_send_loses_nothing_and_sends_once(
    start_celery_worker, tmp_path
):
    stuck_file: Path = tmp_path / "stuck"
    killed = start_celery_worker(
        EMAIL_BACKEND="tests.courriels.backends.StuckBackend", STUCK_FILE=str(stuck_file)
    )
    courriel = accuse_reception()
    wait_until(stuck_file.exists)
    killed.kill()  # SIGKILL
    killed.wait()
    assert Courriel.objects.get().state == CourrielState.EN_ATTENTE
    broker().flushdb()  # what the killed worker had taken does not come back by Redis

    sweep_ten_minutes_later()
    send_courriel.delay(courriel.pk)  # a copy of the task, as a broker may deliver
    start_celery_worker()
    accuse_reception("suivant@exemple.fr")  # the one worker takes them in order
    wait_until(lambda: "suivant@exemple.fr" in recipients())

    assert recipients() == ["usager@exemple.fr", "suivant@exemple.fr"]
    sent = Courriel.objects.get(pk=courriel.pk)
    assert (sent.state, sent.attempts) == (CourrielState.ENVOYE, 1)
    message = DemoMessage.objects.get(to="usager@exemple.fr")
    assert message.headers["Message-ID"] == courriel.message_id
    assert message.headers["Auto-Submitted"] == "auto-generated"


@pytest.mark.worker
@pytest.mark.django_db(transaction=True)
def test_a_flushed_redis_loses_nothing(start_celery_worker, mailoutbox):
    courriel = accuse_reception()
    assert broker().llen("courriels") == 1
    broker().flushdb()

    sweep_courriels()
    assert broker().llen("courriels") == 0  # too early to call it lost
    sweep_ten_minutes_later()

    assert broker().llen("courriels") == 1
    send_courriel(courriel.pk)
    assert [message.to for message in mailoutbox] == [["usager@exemple.fr"]]


@pytest.mark.worker
@pytest.mark.django_db(transaction=True)
def test_an_absent_broker_fails_no_request_and_the_sweep_sends(
    start_celery_worker, mailoutbox, caplog
):
    there = app.conf.broker_url
    app.conf.broker_url = CLOSED_PORT
    app._after_fork()

    courriel = accuse_reception()

    assert Courriel.objects.get().state == CourrielState.EN_ATTENTE
    assert "Error calling" in caplog.text
    app.conf.broker_url = there
    app._after_fork()
    sweep_ten_minutes_later()
    assert broker().llen("courriels") == 1
    send_courriel(courriel.pk)
    assert [message.to for message in mailoutbox] == [["usager@exemple.fr"]]
