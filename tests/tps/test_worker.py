import time

import pytest

from tps.celery import app

pytestmark = pytest.mark.worker


def _wait_for(condition, *, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "rien n’est arrivé à temps"
        time.sleep(0.05)


def test_a_real_worker_answers_on_its_private_broker(celery_worker_process):
    assert celery_worker_process.poll() is None
    replies = app.control.ping(timeout=5)

    assert [next(iter(reply.values())) for reply in replies] == [{"ok": "pong"}]


def test_a_killed_worker_leaves_its_queue_to_the_next(start_celery_worker):
    first = start_celery_worker()
    first.kill()
    first.wait()
    app.send_task("celery.ping", queue="default")
    with app.connection_for_read() as connection:
        assert connection.default_channel._size("default") == 1

    start_celery_worker()

    def queue_is_empty():
        with app.connection_for_read() as connection:
            return connection.default_channel._size("default") == 0

    _wait_for(queue_is_empty)
