"""The real web server of production on the test database, to be killed and started again."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

START_TIMEOUT_SECONDS = 60
WORKERS = 2


class WebProcess:
    """Gunicorn with its workers, in a group of processes of their own."""

    def __init__(self, log: Path):
        self.log = log
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://localhost:{self.port}"
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        """Start the server, without waiting for it."""
        database = urlsplit(os.environ["DATABASE_URL"])
        database = database._replace(path="/" + connection.settings_dict["NAME"]).geturl()
        environment = os.environ | {
            "DEBUG": "1",
            "DEMO": "0",
            "DATABASE_URL": database,
            "SECRET_KEY": settings.SECRET_KEY,
            "MEDIA_ROOT": settings.MEDIA_ROOT,
            "SITE_URL": self.url,
            "PORT": str(self.port),
        }
        command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{self.port}"]
        command += ["--workers", str(WORKERS), "--worker-class", "gthread", "--threads", "4"]
        command += ["tps.wsgi"]
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                command,
                env=environment,
                cwd=settings.BASE_DIR,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self) -> None:
        """End all its processes at once, whatever they are doing."""
        if self.process is None:
            return
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def wait(self) -> None:
        """Wait until it answers."""
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while True:
            try:
                urllib.request.urlopen(f"{self.url}/etat/", timeout=5).close()
                return
            except (OSError, urllib.error.URLError):
                if time.monotonic() > deadline:
                    raise AssertionError(self.log.read_text()[-3000:]) from None
                time.sleep(0.1)
