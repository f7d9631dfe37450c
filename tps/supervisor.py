"""Run the whole site on a laptop: the servers it needs, web, worker and beat (`make run`).

One process starts all the others, prefixes what they print, and leaves nothing behind: each
child has a process group of its own, stopped with all it started, on Ctrl-C, SIGTERM, the
closing of the terminal, the death of one of them, or that of the `make` that started us.
"""

import contextlib
import http.client
import itertools
import os
import signal
import subprocess
import sys
import threading
import time

from tps import embedded
from tps.port import DEFAULT_PORT, HOST, find_problem

QUEUES = "default,courriels,entreprise,exports"
CELERY = ["-m", "celery", "--quiet", "-A", "tps"]
WORKER = ["worker", "-Q", QUEUES, "--concurrency", "2", "--without-mingle", "--without-gossip"]
# They start after the first page answers, so as not to make it wait.
BACKGROUND = {
    "worker": [*CELERY, *WORKER, "-l", "WARNING"],
    "beat": [*CELERY, "beat", "--pidfile", "", "-l", "WARNING"],
}
STOP_TIMEOUT_SECONDS = 8
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
COLOURS = ("36", "33", "35")


class Output:
    """What the person sees: whole lines, each with the name of who wrote it."""

    def __init__(self):
        self._lock = threading.Lock()
        self._colours = itertools.cycle(COLOURS)
        self._has_colours = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self.is_closed = False

    def say(self, line: str = "") -> None:
        """Print one line; remember when nobody reads any more."""
        with self._lock:
            try:
                print(line, flush=True)
            except OSError:
                self.is_closed = True
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def prefix(self, name: str) -> str:
        """Return the beginning of the lines of `name`, in a colour of its own on a terminal."""
        colour = next(self._colours)
        text = f"{name:<7}│ "
        return f"\033[{colour}m{text}\033[0m" if self._has_colours else text


class Child:
    """A program with its process group, whose output is passed on line by line."""

    def __init__(self, name: str, command: list[str], environment: dict, output: Output):
        self.name = name
        self.process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._reader = threading.Thread(
            target=self._pass_on, args=(output, output.prefix(name)), daemon=True
        )
        self._reader.start()

    def _pass_on(self, output: Output, prefix: str) -> None:
        with self.process.stdout as lines:
            for line in lines:
                output.say(prefix + line.decode("utf-8", "replace").rstrip())

    def is_running(self) -> bool:
        """Tell whether the program itself has not ended."""
        return self.process.poll() is None

    def ask_to_stop(self) -> None:
        """Let the program end in good order: a worker finishes its task."""
        if self.is_running():
            self.process.terminate()

    def end_group(self, deadline: float) -> None:
        """Wait for the program until `deadline`, then kill it and whatever it left behind."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=max(0, deadline - time.monotonic()))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._reader.join(timeout=1)


class Supervisor:
    """Start the children, wait for a reason to stop, stop them."""

    def __init__(self, port: int):
        self.port = port
        self.output = Output()
        self.children: list[Child] = []
        self.web = {"web": ["manage.py", "runserver", f"{HOST}:{port}"]}
        self._stop_asked = threading.Event()
        self._web_answers = threading.Event()
        self._make = os.getppid() if "MAKELEVEL" in os.environ else None

    def run(self) -> int:
        """Serve until somebody asks to stop; return the exit code."""
        for number in SIGNALS:
            signal.signal(number, self._ask_to_stop)
        try:
            self._start(self.web)
            threading.Thread(target=self._watch_web, daemon=True).start()
            while not self._must_stop():
                if self._web_answers.is_set():
                    self._complete()
                self._stop_asked.wait(0.1)
            dead = [child.name for child in self.children if not child.is_running()]
        finally:
            self._stop()
        if dead and not self._stop_asked.is_set():
            self.output.say(f"TPS s’arrête parce que « {dead[0]} » s’est arrêté.")
            return 1
        return 0

    def _ask_to_stop(self, number, frame) -> None:
        if self._stop_asked.is_set():  # asked twice: at once
            for child in self.children:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.process.pid, signal.SIGKILL)
        self._stop_asked.set()

    def _must_stop(self) -> bool:
        make_has_gone = self._make is not None and os.getppid() != self._make
        all_run = all(child.is_running() for child in self.children)
        return self._stop_asked.is_set() or self.output.is_closed or make_has_gone or not all_run

    def _start(self, programs: dict[str, list[str]]) -> None:
        environment = os.environ | {
            "PYTHONUNBUFFERED": "1",
            "DJANGO_RUNSERVER_HIDE_WARNING": "true",
            # In a container one is often root, and Celery says at length that it dislikes it.
            "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
        }
        for name, arguments in programs.items():
            command = [sys.executable, *arguments]
            self.children.append(Child(name, command, environment, self.output))

    def _watch_web(self) -> None:
        while not self._answers() and not self._stop_asked.wait(0.1):
            pass
        self._web_answers.set()

    def _complete(self) -> None:
        """Start, once, what the first page does not need, and say where the site is."""
        self._web_answers.clear()
        self._start(BACKGROUND)
        for line in welcome(self.port):
            self.output.say(line)

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=30)
        try:
            connection.request("GET", "/")
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        return True

    def _stop(self) -> None:
        self.output.say("TPS s’arrête…")
        for child in self.children:
            child.ask_to_stop()
        deadline = time.monotonic() + STOP_TIMEOUT_SECONDS
        for child in self.children:
            child.end_group(deadline)


def welcome(port: int) -> list[str]:
    """Return the lines that say where the site is and, in the demo, who can sign in."""
    from django.conf import settings  # noqa: PLC0415 -- reading them starts the embedded servers

    from tps.demo.people import ACCOUNTS, PASSWORD  # noqa: PLC0415 -- needs Django set up

    address = f"http://{HOST}:{port}/"
    lines = ["", f"  TPS est prêt : {address}", ""]
    if settings.DEMO:
        width = max(len(email) for email in ACCOUNTS)
        lines += [f"  Comptes de démonstration (mot de passe : {PASSWORD})"]
        lines += [f"    {email:<{width}}  {person[2]}" for email, person in ACCOUNTS.items()]
        lines += ["", f"  Emails envoyés : {address}demo/courriels/"]
    return [*lines, "  Ctrl-C arrête tout.", ""]


def prepare_database() -> None:
    """Start or join the servers, bring the schema up to date, load the demo when all is empty."""
    import django  # noqa: PLC0415 -- reading the settings starts the embedded servers
    from django.core.management import call_command  # noqa: PLC0415 -- same reason
    from django.db import connections  # noqa: PLC0415 -- same reason

    django.setup()
    from django.conf import settings  # noqa: PLC0415 -- same reason

    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    call_command("migrate", verbosity=0, interactive=False)
    if settings.DEMO:
        call_command("demo", if_empty=True)
    connections.close_all()


def main() -> int:
    """Run everything; return the exit code."""
    port = os.environ.setdefault("PORT", str(DEFAULT_PORT))
    if problem := find_problem(port):
        print(problem, file=sys.stderr)
        return 1
    os.environ.setdefault("DEBUG", "1")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tps.settings")
    for number in SIGNALS:
        signal.signal(number, signal.default_int_handler)
    try:
        print("Préparation de la base de données…", flush=True)
        prepare_database()
        return Supervisor(int(port)).run()
    except KeyboardInterrupt:
        return 0
    finally:
        embedded.leave()


if __name__ == "__main__":
    sys.exit(main())
