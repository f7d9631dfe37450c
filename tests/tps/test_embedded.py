import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from tps import embedded
from tps.embedded_guardian import Files

ROOT = Path(__file__).resolve().parents[2]
USER = """
import sys
from pathlib import Path
from tps import embedded
folder = Path(sys.argv[1])
print(embedded.ensure_postgres(folder / "postgres", durable=False), flush=True)
print(embedded.ensure_redis(folder / "redis"), flush=True)
sys.stdin.read()
"""


class ServerUser:
    """A process that joins the servers of a folder until it is told to end."""

    def __init__(self, folder: Path):
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        self.postgres = self.process.stdout.readline().strip()
        self.redis = self.process.stdout.readline().strip()
        assert self.redis, self.process.stderr.read()

    def end(self):
        self.process.communicate(timeout=20)

    def kill(self):
        self.process.kill()
        self.end()


@pytest.fixture
def home(make_public_folder):
    home = make_public_folder()
    yield home
    _wait_until(lambda: not _processes_of(home))


@pytest.fixture
def folder(home):
    return home / "var"


def _processes_of(folder: Path) -> list[psutil.Process]:
    """Return the guardians whose arguments, or servers whose folder, stand in `folder`."""
    found = []
    for process in psutil.process_iter(["cmdline", "cwd"]):
        words = [*(process.info["cmdline"] or []), process.info["cwd"] or ""]
        if any(word.startswith(str(folder)) for word in words):
            found.append(process)
    return found


def _wait_until(condition, *, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "rien n’est arrivé à temps"
        time.sleep(0.05)


def test_a_second_process_joins_the_servers_and_the_last_one_to_end_stops_them(folder):
    first, second = ServerUser(folder), ServerUser(folder)
    assert (second.postgres, second.redis) == (first.postgres, first.redis)

    first.end()
    with psycopg.connect(second.postgres) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert redis.Redis.from_url(second.redis).ping()

    second.end()
    _wait_until(lambda: not _processes_of(folder))


def test_data_survive_a_restart(folder):
    user = ServerUser(folder)
    with psycopg.connect(user.postgres, autocommit=True) as connection:
        connection.execute("CREATE TABLE essai AS SELECT 42 AS valeur")
    redis.Redis.from_url(user.redis).set("essai", "42")
    user.end()

    user = ServerUser(folder)
    with psycopg.connect(user.postgres) as connection:
        assert connection.execute("SELECT valeur FROM essai").fetchone() == (42,)
    assert redis.Redis.from_url(user.redis).get("essai") == b"42"
    user.end()


def test_a_killed_user_leaves_no_server_behind(folder):
    user = ServerUser(folder)
    assert _processes_of(folder)

    user.kill()

    _wait_until(lambda: not _processes_of(folder))
    assert _processes_of(folder) == []


def test_a_killed_guardian_is_replaced_and_data_are_kept(folder):
    user = ServerUser(folder)
    with psycopg.connect(user.postgres, autocommit=True) as connection:
        connection.execute("CREATE TABLE essai AS SELECT 42 AS valeur")
    guardians = [
        p for p in _processes_of(folder) if "embedded_guardian.py" in " ".join(p.cmdline())
    ]
    assert len(guardians) == 2
    for guardian in guardians:
        guardian.send_signal(signal.SIGKILL)
    user.end()

    user = ServerUser(folder)
    with psycopg.connect(user.postgres) as connection:
        assert connection.execute("SELECT valeur FROM essai").fetchone() == (42,)
    user.end()


def test_a_server_that_died_is_started_again_by_the_next_user(folder):
    user = ServerUser(folder)
    pid = json.loads(Files(folder / "redis").address.read_text())["pid"]
    os.kill(pid, signal.SIGKILL)
    _wait_until(lambda: not Files(folder / "redis").address.exists())

    other = ServerUser(folder)
    assert redis.Redis.from_url(other.redis).ping()
    user.end()
    other.end()


def test_servers_stop_even_when_their_folder_was_erased(folder):
    user = ServerUser(folder)
    processes = _processes_of(folder)
    redis.Redis.from_url(user.redis).set("essai", "42")
    shutil.rmtree(folder)
    user.end()

    _, alive = psutil.wait_procs(processes, timeout=40)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []


def test_postgresql_lower_cases_accents_and_listens_on_no_port(folder):
    user = ServerUser(folder)
    with psycopg.connect(user.postgres) as connection:
        assert connection.execute("SELECT lower('ÉÀÇ')").fetchone() == ("éàç",)
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
    user.end()


def test_a_deep_folder_with_odd_letters_works(home):
    deep = home / "é 100% d’essai" / ("dossier-profond-" * 6)
    user = ServerUser(deep)
    with psycopg.connect(user.postgres) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    user.end()


@pytest.mark.skipif(os.geteuid() != 0, reason="seul root lance PostgreSQL sous un autre compte")
def test_root_may_keep_its_clone_in_a_private_folder(home):
    private = home / "privé"
    private.mkdir(mode=0o700)
    user = ServerUser(private / "var")
    with psycopg.connect(user.postgres) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    user.end()

    assert private.stat().st_mode & 0o077 == 0
    data = (private / "var" / "postgres").resolve()
    assert data.is_relative_to("/var/lib/tps")
    _wait_until(lambda: not _processes_of(home) + _processes_of(data))
    shutil.rmtree(data.parent)


def test_redis_refuses_who_has_no_password(folder):
    user = ServerUser(folder)
    port = int(user.redis.rsplit(":", 1)[1].split("/")[0])
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"KEYS *\r\n")
        assert client.recv(64).startswith(b"-NOAUTH")
    user.end()


def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path):
    file = tmp_path / "fichier"
    file.touch()

    with pytest.raises(embedded.EmbeddedServerError, match=r"TPS_VAR") as caught:
        embedded.ensure_redis(file / "redis")
    assert "\n" not in str(caught.value)
