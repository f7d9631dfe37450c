"""Fixtures of the whole suite."""

import os
import subprocess
import sys
import time
from contextlib import ExitStack
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
import redis
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.signals import reset_template_engines

from tests import database
from tests.undefined import Undefined
from tps.celery import app

WORKER_START_TIMEOUT_SECONDS = 60
ALL_QUEUES = "default,courriels,entreprise,exports"
FIRST_REDIS_DATABASE_OF_WORKERS = 16

# In the settings, because engines are made anew when a test changes one they depend on.
django_settings.TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = Undefined()
reset_template_engines(setting="TEMPLATES")
database.empty_tables_fast()

django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# A Redis database for each process: `cache.clear()` empties a whole one.
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
django_settings.CACHES["default"]["LOCATION"] = (
    urlsplit(django_settings.REDIS_URL)._replace(path=f"/{1 + _worker}").geturl()
)

# What takes a whole minute is begun first, not left for the end to wait for.
LONGEST_FIRST = (
    "tests/browser/test_chaos.py",
    "tests/browser/",
    "tests/tps/",
    "tests/test_",
    "tests/dossiers/test_adaptation.py",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Order the files for `--dist loadfile`."""

    def rank(item) -> int:
        found = (i for i, start in enumerate(LONGEST_FIRST) if item.nodeid.startswith(start))
        return next(found, len(LONGEST_FIRST))

    if hasattr(config, "workerinput"):
        items.sort(key=rank)


@pytest.fixture(scope="session")
def template_lock(
    django_db_modify_db_settings_parallel_suffix,
    django_db_blocker,
    django_db_use_migrations,
    django_db_keepdb,
):
    """Have the test database cloned from a migrated one; the next process waits for the first."""
    with ExitStack() as lock:
        if django_db_use_migrations and not django_db_keepdb:
            with django_db_blocker.unblock():
                database.clone_from_template(lock)
        yield lock


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings, template_lock):
    """Look for the template before the test database is made."""


@pytest.fixture(scope="session")
def django_db_setup(
    template_lock, django_db_setup, django_db_blocker, django_db_use_migrations, django_db_keepdb
):
    """Let the test database be dropped though a thread of the live site still holds it."""
    if django_db_use_migrations and not django_db_keepdb:
        with django_db_blocker.unblock():
            database.keep_as_template()
    template_lock.close()
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(autouse=True)
def isolated_services(request, settings, tmp_path):
    """Give each test its own files and cache keys; run tasks in place unless it wants a worker."""
    settings.MEDIA_ROOT = str(tmp_path / "media")
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    eager = request.node.get_closest_marker("worker") is None
    app.conf.task_always_eager = eager
    app.conf.task_eager_propagates = eager
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def one_rate_window(monkeypatch):
    """Let no window of a rate limit end in the middle of a test: it would count anew."""
    now = time.time()
    monkeypatch.setattr("django_ratelimit.core.time", SimpleNamespace(time=lambda: now))


@pytest.fixture
def client_for(db):
    """Return a function that gives a client signed in as a person."""

    def client_for(user) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return client_for


@pytest.fixture
def start_celery_worker(transactional_db, isolated_services, settings, tmp_path, worker_id):
    """Return a function that starts a real Celery worker on the test database.

    Its broker is a Redis database that no other test uses, empty at first; what the test queues
    goes there. `queues` are those it consumes; the other arguments, variables of its environment.
    The returned `Popen` may be killed; what still runs at the end of the test is.
    """
    number = FIRST_REDIS_DATABASE_OF_WORKERS + int(
        worker_id.removeprefix("gw").replace("master", "0")
    )
    broker = urlsplit(django_settings.REDIS_URL)._replace(path=f"/{number}").geturl()
    redis.Redis.from_url(broker).flushdb()
    before, app.conf.task_always_eager = app.conf.broker_url, False
    _publish_to(broker)
    processes = []

    def start(*, queues: str = ALL_QUEUES, **variables: str) -> subprocess.Popen:
        log = tmp_path / f"worker-{len(processes)}.log"
        processes.append(
            _worker_process(log, broker, queues, {"MEDIA_ROOT": settings.MEDIA_ROOT, **variables})
        )
        _wait_until_ready(processes[-1], log)
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.wait()
    _publish_to(before)
    redis.Redis.from_url(broker).flushdb()


@pytest.fixture
def celery_worker_process(start_celery_worker):
    """Run one real Celery worker, in its own process, for the length of the test."""
    return start_celery_worker()


def _publish_to(broker: str) -> None:
    app.conf.broker_url = broker
    app._after_fork()  # forgets the pools of connections to the former broker


def _worker_process(log, broker: str, queues: str, variables: dict) -> subprocess.Popen:
    database = urlsplit(os.environ["DATABASE_URL"])
    database = database._replace(path="/" + connection.settings_dict["NAME"]).geturl()
    command = [sys.executable, "-m", "celery", "-A", "tps", "worker", "--pool", "solo"]
    command += ["-Q", queues, "-l", "INFO"]
    command += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    environment = os.environ | {
        "DATABASE_URL": database,
        "REDIS_URL": broker,
        **variables,
    }
    with log.open("wb") as output:
        return subprocess.Popen(
            command,
            env=environment,
            cwd=django_settings.BASE_DIR,
            stdout=output,
            stderr=subprocess.STDOUT,
        )


def _wait_until_ready(process: subprocess.Popen, log) -> None:
    deadline = time.monotonic() + WORKER_START_TIMEOUT_SECONDS
    while " ready." not in log.read_text():
        if process.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"The Celery worker did not start:\n{log.read_text()}")
        time.sleep(0.1)
