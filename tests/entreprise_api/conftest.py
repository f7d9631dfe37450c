"""A local HTTP server that answers whatever a test wants, and keys of the API that point to it."""

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

TOKEN = "jeton-tres-secret"


class FakeApi:
    """What the server answers (`reply`) and what it was asked (`requests`)."""

    def __init__(self):
        self.requests = []
        self.replies = []
        self.url = ""

    def reply(self, status=200, body=b"", *, headers=None, write=None):
        """Queue an answer; the last one serves for every later call."""
        if isinstance(body, dict):
            body = json.dumps(body).encode()
        self.replies.append((status, body, headers or {}, write))

    def next_reply(self):
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        """Stay silent about clients that hang up: that is what some tests prove."""


@pytest.fixture
def fake_api(settings):
    """Give the client a server of its own in place of API Entreprise."""
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
    settings.API_ENTREPRISE_URL = api.url
    settings.API_ENTREPRISE_TOKEN = TOKEN
    settings.API_ENTREPRISE_INTERACTIVE_TIMEOUT_SECONDS = 2
    settings.API_ENTREPRISE_TASK_TIMEOUT_SECONDS = 3
    yield api
    server.shutdown()
    server.server_close()
    thread.join()
