import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tps.port import find_problem

ROOT = Path(__file__).resolve().parents[2]
START_TIMEOUT_SECONDS = 90
STOP_TIMEOUT_SECONDS = 30


@pytest.fixture(scope="module")
def var(make_public_folder):
    """Return the folder of data that the sites of this module share, one after the other."""
    return make_public_folder() / "var"


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Site:
    """The whole site, run in a folder of its own as `make run` does."""

    def __init__(self, folder: Path, port: int, *, command=(), **variables: str):
        self.folder = folder
        inherited = {"DATABASE_URL", "REDIS_URL", "SITE_URL", "MAKELEVEL"}
        environment = {name: value for name, value in os.environ.items() if name not in inherited}
        environment |= {"PORT": str(port), "TPS_VAR": str(folder), "DEMO": "0"} | variables
        self.process = subprocess.Popen(
            [*command, sys.executable, "-m", "tps.supervisor"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def wait_until_ready(self):
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if "TPS est prêt" in line:
                return lines
            assert time.monotonic() < deadline, "".join(lines)
        raise AssertionError("".join(lines))

    def all_processes(self) -> set[psutil.Process]:
        """Return every process of the site: its tree, and the guardians and servers of its data."""
        found = {psutil.Process(self.process.pid)}
        found |= set(psutil.Process(self.process.pid).children(recursive=True))
        for process in psutil.process_iter(["cmdline", "cwd"]):
            words = [*(process.info["cmdline"] or []), process.info["cwd"] or ""]
            if any(word.startswith(str(self.folder)) for word in words):
                found |= {process, *process.children(recursive=True)}
        return found


@pytest.fixture
def run_site():
    """Return a function that runs a site; what a failed test left running is stopped."""
    sites = []

    def run_site(*arguments, **options) -> Site:
        sites.append(Site(*arguments, **options))
        return sites[-1]

    yield run_site
    for site in sites:
        with site.process as process:
            process.terminate()


def _still_alive(processes):
    """Return those that run; the dead that nobody has buried yet do not."""
    return [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


def _assert_all_gone(processes):
    psutil.wait_procs(processes, timeout=STOP_TIMEOUT_SECONDS)
    assert _still_alive(processes) == []


def _wait_for_all(site):
    """Return the processes of a site whose worker has started its two children."""
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while _kinds(processes := site.all_processes())["worker"] < 3:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return processes


def _kinds(processes):
    lines = []
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):  # a process that lived a moment
            lines.append(" ".join(process.cmdline()))
    kinds = {
        "reloader": "manage.py runserver",
        "worker": "celery --quiet -A tps worker",
        "beat": "celery --quiet -A tps beat",
        "guardian": "embedded_guardian.py",
        "postgres": "bin/postgres -D",
        "redis": "redis-server",
    }
    return {kind: sum(words in line for line in lines) for kind, words in kinds.items()}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything_in_good_order(var, free_port, run_site, number):
    site = run_site(var, free_port)
    lines = site.wait_until_ready()
    assert any(f"TPS est prêt : http://127.0.0.1:{free_port}/\n" in line for line in lines)
    processes = _wait_for_all(site)
    assert _kinds(processes) == {
        "reloader": 2,
        "worker": 3,
        "beat": 1,
        "guardian": 2,
        "postgres": 1,
        "redis": 1,
    }

    site.process.send_signal(number)
    output = site.process.communicate(timeout=STOP_TIMEOUT_SECONDS)[0]

    assert site.process.returncode == 0
    assert "Traceback" not in output
    assert _still_alive(processes) == []


def test_the_second_start_is_quick(var, free_port, run_site):
    start = time.monotonic()
    site = run_site(var, free_port)
    site.wait_until_ready()
    elapsed = time.monotonic() - start
    site.process.terminate()
    site.process.communicate(timeout=STOP_TIMEOUT_SECONDS)

    assert elapsed < 30  # a few seconds on an idle machine; here other tests run beside


def test_when_a_part_dies_the_rest_is_stopped_and_it_is_said(var, free_port, run_site):
    site = run_site(var, free_port)
    site.wait_until_ready()
    processes = _wait_for_all(site)
    (beat,) = [p for p in processes if "-A tps beat" in " ".join(p.cmdline())]

    beat.kill()
    output = site.process.communicate(timeout=STOP_TIMEOUT_SECONDS)[0]

    assert site.process.returncode == 1
    assert "TPS s’arrête parce que « beat » s’est arrêté." in output
    _assert_all_gone(processes)


def test_everything_stops_when_make_is_killed(var, free_port, run_site):
    site = run_site(var, free_port, command=["sh", "-c", '"$@"; :', "sh"], MAKELEVEL="1")
    site.wait_until_ready()
    processes = _wait_for_all(site)

    with site.process as make:
        make.kill()

    _assert_all_gone(processes)


def test_a_busy_port_is_one_clear_line_before_anything_starts(tmp_path, free_port, run_site):
    with socket.create_server(("127.0.0.1", free_port)):
        site = run_site(tmp_path / "var", free_port)
        output = site.process.communicate(timeout=START_TIMEOUT_SECONDS)[0]

    assert site.process.returncode == 1
    assert output == (
        f"Le port {free_port} est déjà pris : arrêtez le programme qui l’occupe, "
        f"ou choisissez-en un autre avec « PORT={free_port + 1} make run ».\n"
    )
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize("port", ["0", "65536", "-1", "huit mille", ""])
def test_a_port_that_is_none_is_one_clear_line(port):
    assert find_problem(port) == (
        f"PORT={port} n’est pas un port : donnez un nombre entre 1 et 65535."
    )


def test_a_free_port_is_no_problem(free_port):
    assert find_problem(str(free_port)) is None
