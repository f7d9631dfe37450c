"""The server that is measured: gunicorn, with the settings of production, on loopback."""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from tps.bench.middleware import QUERIES_HEADER
from tps.port import HOST

WORKERS = 2
START_TIMEOUT_SECONDS = 60


class ServerDidNotStart(Exception):
    """gunicorn did not answer; the message says why."""


def free_port() -> int:
    """Return a port of loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def running_server(port: int) -> Iterator[None]:
    """Serve the site on `port` until the end of the block; raises ServerDidNotStart."""
    log = settings.VAR_DIR / "gunicorn.log"
    environment = _production()
    _collect_static(environment)
    command = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py"]
    command += ["--workers", str(WORKERS), "--bind", f"{HOST}:{port}"]
    command += ["--access-logfile", os.devnull, "tps.wsgi:application"]
    with log.open("wb") as output:
        server = subprocess.Popen(  # noqa: S603 -- our own interpreter, fixed arguments
            command,
            env=environment,
            cwd=settings.BASE_DIR,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_ready(server, port, log)
        yield
    finally:
        server.terminate()
        server.wait(timeout=START_TIMEOUT_SECONDS)


def _production() -> dict[str, str]:
    """Return the environment of the server: the same data and key, no debugging."""
    return os.environ | {
        "DEBUG": "0",
        "DEMO": "0",
        "SECRET_KEY": settings.SECRET_KEY,
        "ALLOWED_HOSTS": HOST,
        "SECURE_SSL_REDIRECT": "0",
        "STATIC_ROOT": str(settings.VAR_DIR / "staticfiles"),
        "LOG_LEVEL": "WARNING",
        "PUBLIC_PAGES_RATE": "",  # all the requests come from one address
        "TPS_BENCH": "1",
    }


def _collect_static(environment: dict[str, str]) -> None:
    """Collect and compress the static files, unless that was done since they last changed."""
    manifest = Path(environment["STATIC_ROOT"]) / "staticfiles.json"
    sources = [settings.BASE_DIR / "requirements.txt", *settings.BASE_DIR.glob("static/**/*")]
    newest = max(path.stat().st_mtime for path in sources)
    if manifest.exists() and manifest.stat().st_mtime > newest:
        return
    done = subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "-v", "0"],
        env=environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise ServerDidNotStart(done.stderr[-2000:])


def _wait_until_ready(server: subprocess.Popen, port: int, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        connection = http.client.HTTPConnection(HOST, port, timeout=5)
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/etat/")
            if QUERIES_HEADER in connection.getresponse().headers:
                return
        time.sleep(0.2)
    raise ServerDidNotStart(log.read_text(errors="replace")[-2000:])
