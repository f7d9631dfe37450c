"""A real S3-compatible server, SeaweedFS, for the length of the session."""

import contextlib
import http.client
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

START_TIMEOUT_SECONDS = 120
ACCESS_KEY, SECRET_KEY = "tps", "secret-de-test"
PORT_ATTEMPTS = 50


@dataclass(frozen=True)
class S3Server:
    """Where it is; it knows one pair of keys, and nobody else gets anything."""

    endpoint_url: str


@contextlib.contextmanager
def serve() -> Iterator[S3Server]:
    """Run the server for the length of a `with`."""
    folder = Path(tempfile.mkdtemp(prefix="tps-s3-"))
    config = folder / "s3.json"
    identity = {
        "name": "tps",
        "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}],
        "actions": ["Admin", "Read", "List", "Tagging", "Write"],
    }
    config.write_text(json.dumps({"identities": [identity]}))
    (folder / "data").mkdir()
    ports = {name: _free_port() for name in ("master", "volume", "filer", "s3")}
    command = [str(Path(sys.executable).parent / "weed"), "server", "-s3", "-ip=127.0.0.1"]
    command += [f"-dir={folder / 'data'}", f"-s3.config={config}", "-volume.max=20"]
    # Two servers more, on ports of their own that another run may hold.
    command += ["-s3.port.iceberg=0", "-s3.port.lance=0", "-master.volumeSizeLimitMB=64"]
    command += [f"-{name}.port={port}" for name, port in ports.items()]
    with (folder / "weed.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    try:
        _wait_until_ready(ports["s3"], process, folder / "weed.log")
        yield S3Server(f"http://127.0.0.1:{ports['s3']}")
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    """Return a port that is free, and so is the one that the server takes ten thousand above."""
    for _ in range(PORT_ATTEMPTS):
        with socket.socket() as probe, socket.socket() as above:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
            if port + 10_000 > 65_535:
                port -= 15_000
            try:
                above.bind(("127.0.0.1", port + 10_000))
                with socket.socket() as other:
                    if port != probe.getsockname()[1]:
                        other.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port")


def _wait_until_ready(port: int, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/")
            if connection.getresponse().status in (200, 403):
                return
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"SeaweedFS did not start:\n{log.read_text()[-3000:]}")
        time.sleep(0.2)
