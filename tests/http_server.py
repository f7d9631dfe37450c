"""A local HTTP server that answers whatever a test wants, in place of a service outside."""

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class FakeApi:
    """What the server answers (`reply`) and what it was asked (`requests`)."""

    def __init__(self):
        self.requests = []
        self.replies = []
        self.url = ""

    def reply(self, status=200, body=b"", *, headers=None, write=None):
        """Queue an answer; the last one serves for every later call."""
        if isinstance(body, dict | list):
            body = json.dumps(body).encode()
        self.replies.append((status, body, headers or {}, write))

    def next_reply(self):
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        """Stay silent about clients that hang up: that is what some tests prove."""


@contextlib.contextmanager
def serve() -> Iterator[FakeApi]:
    """Run the server for the length of a `with`."""
    api = FakeApi()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            api.requests.append((self.path, dict(self.headers)))
            status, body, headers, write = api.next_reply()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if write is None and "Content-Length" not in headers:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with contextlib.suppress(OSError):
                if write is None:
                    self.wfile.write(body)
                else:
                    write(self.wfile)

        def log_message(self, *args):
            """Say nothing."""

    server = _Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    api.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
