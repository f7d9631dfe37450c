"""A small load generator: a fixed number of requests, sent over loopback by a few threads."""

import http.client
import queue
import secrets
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlencode

from tps.bench.middleware import QUERIES_HEADER

TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Request:
    """One request: of whom (a session key, empty for anyone), for what, and the answer due."""

    path: str
    session: str = ""
    data: dict[str, str] | None = None
    htmx: bool = False
    status: int = 200
    location: str = ""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    seconds: float
    queries: int
    problem: str = ""


@dataclass
class Measure:
    """The answers to the requests of one kind, and the time all of them took."""

    answers: list[Answer] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def per_second(self) -> float:
        """Return the number of requests answered each second."""
        return len(self.answers) / self.seconds

    @property
    def queries(self) -> int:
        """Return the number of SQL queries of the request that took most."""
        return max(answer.queries for answer in self.answers)

    @property
    def problems(self) -> list[str]:
        """Return what was wrong, each thing once."""
        return list(dict.fromkeys(answer.problem for answer in self.answers if answer.problem))

    def percentile_ms(self, percent: int) -> float:
        """Return the time, in milliseconds, under which `percent` of the answers came."""
        times = sorted(answer.seconds for answer in self.answers)
        return 1000 * times[min(len(times) - 1, len(times) * percent // 100)]


def send_all(port: int, requests: Iterable[Request], *, threads: int) -> Measure:
    """Send every request once, by `threads` persons at the same time."""
    waiting: queue.SimpleQueue[Request] = queue.SimpleQueue()
    for request in requests:
        waiting.put(request)
    measure = Measure()
    workers = [
        threading.Thread(target=_send_waiting, args=(port, waiting, measure.answers))
        for _ in range(threads)
    ]
    start = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    measure.seconds = time.perf_counter() - start
    return measure


def _send_waiting(port: int, waiting: queue.SimpleQueue, answers: list[Answer]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
    while True:
        try:
            request = waiting.get_nowait()
        except queue.Empty:
            connection.close()
            return
        answers.append(_send(connection, request))


def _send(connection: http.client.HTTPConnection, request: Request) -> Answer:
    method, body, headers = "GET", None, {}
    cookies = {"sessionid": request.session} if request.session else {}
    if request.htmx:
        headers["HX-Request"] = "true"
    if request.data is not None:
        token = secrets.token_hex(16)
        cookies["csrftoken"] = headers["X-CSRFToken"] = token
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        method, body = "POST", urlencode(request.data)
    headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    start = time.perf_counter()
    try:
        connection.request(method, request.path, body, headers)
        response = connection.getresponse()
        response.read()
    except (OSError, http.client.HTTPException) as error:
        connection.close()  # opened again by the next request
        return Answer(time.perf_counter() - start, 0, f"{request.path} : {error!r}")
    seconds = time.perf_counter() - start
    return Answer(
        seconds, int(response.headers.get(QUERIES_HEADER, 0)), _problem(request, response)
    )


def _problem(request: Request, response: http.client.HTTPResponse) -> str:
    """Say how the answer differs from the one due, an empty string when it does not."""
    location = response.headers.get("Location", "")
    if response.status != request.status:
        return f"{request.path} : {response.status} {location}, au lieu de {request.status}"
    if request.location and not location.startswith(request.location):
        return f"{request.path} : redirigé vers {location}, au lieu de {request.location}"
    return ""
