"""The production path, for real: static files with hashed names, gunicorn, DEBUG off."""

import http.client
import os
import re
import shlex
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
START_TIMEOUT_SECONDS = 60
LOG_POLLS = 50
HOST = "tps.exemple.fr"
# Compression takes most of the time, and WhiteNoise proves it elsewhere.
MANAGE_WITHOUT_COMPRESSION = """
import sys
from django.core.management import execute_from_command_line
from whitenoise.compress import Compressor
Compressor.should_compress = lambda self, filename: False
execute_from_command_line(sys.argv)
"""
THROUGH_TLS = {"Host": HOST, "X-Forwarded-Proto": "https", "Accept": "text/html"}


@pytest.fixture(scope="module")
def static_root(tmp_path_factory):
    """Collect the static files once, as the image does: without any server."""
    folder = tmp_path_factory.mktemp("staticfiles")
    step = re.search(
        r"^RUN (SECRET_KEY=(?:.*\\\n)*.*)", (ROOT / "Dockerfile").read_text(), re.MULTILINE
    )
    words = shlex.split(step[1].replace("\\\n", " "))
    variables = dict(word.split("=", 1) for word in words[: words.index("python")])
    done = subprocess.run(
        [sys.executable, "-c", MANAGE_WITHOUT_COMPRESSION, *words[words.index("manage.py") + 1 :]],
        cwd=ROOT,
        env={"STATIC_ROOT": str(folder), "DJANGO_SETTINGS_MODULE": "tps.settings"} | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def gunicorn(transactional_db, static_root, tmp_path):
    """Run gunicorn on the test database and return its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    database = urlsplit(os.environ["DATABASE_URL"])
    environment = {
        "PATH": os.environ["PATH"],
        "PORT": str(port),
        "WEB_CONCURRENCY": "1",
        "SECRET_KEY": "clef-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJ",
        "ALLOWED_HOSTS": HOST,
        "BEHIND_PROXY": "1",
        "DATABASE_URL": database._replace(path="/" + connection.settings_dict["NAME"]).geturl(),
        "REDIS_URL": os.environ["REDIS_URL"],
        "STATIC_ROOT": str(static_root),
        "TPS_VAR": str(tmp_path),
    }
    command = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "tps.wsgi"]
    with (tmp_path / "gunicorn.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        _wait_for(port, process, tmp_path / "gunicorn.log")
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_for(port, process, log):
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        else:
            return


def _get(port, path, headers=THROUGH_TLS, method="GET"):
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    client.request(method, path, headers=headers)
    response = client.getresponse()
    body = response.read().decode("utf-8", "replace")
    client.close()
    return response, body


def test_pages_and_their_hashed_static_files_are_served(gunicorn):
    response, body = _get(gunicorn, "/compte/login/")
    assert response.status == 200
    assert "script-src 'self'" in response.headers["Content-Security-Policy"]
    assert "max-age=31536000" in response.headers["Strict-Transport-Security"]

    files = sorted(set(re.findall(r'(?:href|src)="(/static/[^"]+)"', body)))
    assert any(name.endswith(".css") for name in files)
    assert any(name.endswith(".js") for name in files)
    for name in files:
        response, _ = _get(gunicorn, name)
        assert response.status == 200, name
        assert "immutable" in response.headers["Cache-Control"], name
        assert re.search(r"\.[0-9a-f]{12}\.", name), name


def test_plain_http_is_sent_to_https_but_the_status_page_answers(gunicorn):
    response, _ = _get(gunicorn, "/compte/login/", headers={"Host": HOST})
    assert response.status == 301
    assert response.headers["Location"] == f"https://{HOST}/compte/login/"

    response, _ = _get(gunicorn, "/etat/", headers={"Host": HOST})
    assert response.status == 200


def test_cookies_travel_by_https_alone_and_other_hosts_are_refused(gunicorn):
    response, _ = _get(gunicorn, "/compte/login/")
    assert "Secure" in response.headers["Set-Cookie"]

    response, _ = _get(gunicorn, "/compte/login/", headers=THROUGH_TLS | {"Host": "autre.fr"})
    assert response.status == 400


def _read_once_it_says(path, text: str) -> str:
    """Return the log: each process of the server writes its lines a moment after it answered."""
    wanted = (text, '"POST ', "/inconnue")
    for _ in range(LOG_POLLS):
        log = path.read_text()
        if all(part in log for part in wanted):
            break
        time.sleep(0.1)
    return log


def test_logs_hold_neither_the_links_of_emails_nor_what_was_searched(gunicorn, tmp_path):
    _get(gunicorn, "/compte/invitation/jeton-secret:1:2/")
    _get(gunicorn, "/compte/password/reset/key/1-jeton-secret/")
    _get(gunicorn, "/inconnue%0Aligne?q=nom-secret", THROUGH_TLS | {"Referer": "/?q=nom-secret"})
    _get(gunicorn, "/compte/invitation/jeton-secret/", method="POST")  # no CSRF token

    log = _read_once_it_says(tmp_path / "gunicorn.log", "Forbidden")
    assert '"GET /compte/invitation/…/ HTTP/1.1" 410' in log
    assert '"GET /compte/password/reset/key/…/ HTTP/1.1"' in log
    assert '"GET /inconnue%0Aligne HTTP/1.1" 404' in log
    assert "Forbidden" in log
    assert "secret" not in log


@pytest.mark.parametrize(
    "path",
    ["/demo/courriels/", "/demo/entreprises/", "/demo/api-entreprise/ping/insee/sirene"],
)
def test_without_demo_its_pages_are_not_found(gunicorn, path):
    response, body = _get(gunicorn, path)

    assert response.status == 404
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert "démonstration" not in body


def test_the_health_check_of_the_image_tells_a_site_that_runs_from_one_that_does_not(gunicorn):
    def check(port):
        return subprocess.run(
            [sys.executable, "scripts/healthcheck.py"],
            cwd=ROOT,
            env={"PORT": str(port), "ALLOWED_HOSTS": HOST},
            check=False,
        ).returncode

    assert check(gunicorn) == 0
    assert check(1) == 1


def test_compose_file_names_each_part_and_waits_for_health():
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    services = compose["services"]

    assert set(services) == {
        "migrate", "web", "worker", "beat", "postgres", "redis", "mailpit", "clamav",
    }  # fmt: skip
    assert services["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    for name in ("web", "worker", "beat"):
        conditions = {
            key: value["condition"] for key, value in services[name]["depends_on"].items()
        }
        assert conditions == {
            "migrate": "service_completed_successfully",
            "redis": "service_healthy",
        }
    named = {
        volume.split(":")[0]
        for service in services.values()
        for volume in service.get("volumes", [])
    }
    assert named == set(compose["volumes"])
    for path in re.findall(
        r"scripts/\w+\.py|gunicorn\.conf\.py", (ROOT / "Dockerfile").read_text()
    ):
        assert (ROOT / path).is_file()


def test_worker_queues_are_the_same_everywhere():
    from django.conf import settings  # noqa: PLC0415 -- read when the test runs

    from tps.supervisor import QUEUES  # noqa: PLC0415 -- same reason

    routed = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()}
    worker = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["worker"]

    assert routed | {settings.CELERY_TASK_DEFAULT_QUEUE} == set(QUEUES.split(","))
    assert f"-Q {QUEUES}" in worker["command"]
