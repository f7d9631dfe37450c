"""A local server that speaks the protocol of clamd, and misbehaves when it is told to."""

import contextlib
import socketserver
import struct
import threading
import time
from collections.abc import Iterator

# In two parts, so that no antivirus takes this file for what it looks for.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + b"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
SIGNATURE = "Win.Test.EICAR_HDB-1"


class FakeClamd:
    """What it was sent (`scanned`), and how it answers."""

    def __init__(self):
        self.scanned: list[bytes] = []
        self.url = ""
        self.garbage: bytes | None = None  # answered in place of a verdict
        self.delay_seconds = 0.0
        self.length_max = 100 * 1024 * 1024
        self.on_scan = None

    def verdict(self, content: bytes) -> bytes:
        return f"stream: {SIGNATURE} FOUND\n".encode() if EICAR in content else b"stream: OK\n"


@contextlib.contextmanager
def serve() -> Iterator[FakeClamd]:
    """Run the server for the length of a `with`."""
    clamd = FakeClamd()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            with contextlib.suppress(OSError):
                self.answer(self.rfile.readline().decode().strip())

        def answer(self, command: str):
            time.sleep(clamd.delay_seconds)
            if clamd.garbage is not None:
                self.drain()
                self.wfile.write(clamd.garbage)
            elif command == "nPING":
                self.wfile.write(b"PONG\n")
            elif command == "nVERSION":
                self.wfile.write(b"ClamAV 1.4.3/27830/Tue Nov 24 2026\n")
            elif command == "nINSTREAM":
                self.scan()
            else:
                self.wfile.write(b"UNKNOWN COMMAND\n")

        def scan(self):
            content = self.drain()
            if content is None:
                self.wfile.write(b"INSTREAM size limit exceeded. ERROR\n")
                return
            clamd.scanned.append(content)
            if clamd.on_scan:
                clamd.on_scan()
            self.wfile.write(clamd.verdict(content))

        def drain(self) -> bytes | None:
            """Read the pieces of a stream to the empty one; None as soon as they are too many."""
            content = b""
            while length := struct.unpack("!L", self.rfile.read(4))[0]:
                content += self.rfile.read(length)
                if len(content) > clamd.length_max:
                    return None
            return content

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

        def handle_error(self, request, client_address):
            """Stay silent about clients that hang up."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    clamd.url = f"tcp://127.0.0.1:{server.server_address[1]}"
    try:
        yield clamd
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
