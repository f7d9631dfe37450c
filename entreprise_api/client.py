"""The only place that calls API Entreprise.

The status decides what happened; a body may be HTML, empty, cut or huge. The token and the
numbers asked about never reach a log. Source: developer guide of API Entreprise, spring 2026.
"""

import logging
import re
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, NoReturn

import requests
from django.conf import settings
from urllib3.exceptions import HTTPError, ReadTimeoutError
from urllib3.util import Timeout

from commun.http import BodyTooBig, BodyTooSlow, read_body
from entreprise_api import answers, jetons, limits
from entreprise_api.exceptions import (
    ApiRefused,
    ApiUnavailable,
    EtablissementNotDiffusible,
    EtablissementNotFound,
)
from entreprise_api.siret import SiretError, normalize_siret

logger = logging.getLogger(__name__)

CONTEXT = "Démarches administratives en ligne (TPS)"
DEFAULT_PURPOSE = "instruction d'un dossier"
OBJECT_MAX_LENGTH = 49
MAX_BODY_BYTES = 1024 * 1024
DEFAULT_HOLD_SECONDS = 60
CONFLICT_RETRY_SECONDS = 5
MAX_RETRY_SECONDS = 7 * 24 * 3600
MAX_QUOTA_WAIT_SECONDS = 300

_REQUEST_ID = re.compile(r"[A-Za-z0-9_.:-]{1,80}")


class ApiEntrepriseClient:
    """A connection to API Entreprise with the token of this install; use it in a `with`."""

    def __init__(self) -> None:
        self.token = settings.API_ENTREPRISE_TOKEN.strip()
        self.session = requests.Session()
        self.session.headers["Accept"] = "application/json"

    def __enter__(self) -> "ApiEntrepriseClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()

    def get_etablissement(
        self, siret: str, *, recipient: str, purpose: str, timeout: float
    ) -> dict[str, Any]:
        """Return the `Etablissement` fields INSEE knows of `siret`.

        Raises any of the exceptions of `entreprise_api.exceptions`; `timeout` bounds the whole
        call, in seconds.
        """
        body = self._get(
            f"/v4/insee/sirene/etablissements/{siret}",
            "insee/etablissements",
            siren=siret[:9],
            recipient=recipient,
            purpose=purpose,
            timeout=timeout,
        )
        return _read(body, answers.read_etablissement)

    def get_extrait_rcs(
        self, siren: str, *, recipient: str, purpose: str, timeout: float
    ) -> dict[str, Any]:
        """Return `capital_social` and `capital_devise` of a company.

        `EtablissementNotFound` means that it is not registered at the RCS.
        """
        body = self._get(
            f"/v3/infogreffe/rcs/unites_legales/{siren}/extrait_kbis",
            "infogreffe/extrait_kbis",
            siren=siren,
            recipient=recipient,
            purpose=purpose,
            timeout=timeout,
        )
        return _read(body, answers.read_capital)

    def _get(
        self, path: str, endpoint: str, *, siren: str, recipient: str, purpose: str, timeout: float
    ) -> bytes:
        """Call `path` and return the body of a success; anything else is an exception."""
        self._check_may_call()
        params = {
            "context": CONTEXT,
            "object": (purpose.strip() or DEFAULT_PURPOSE)[:OBJECT_MAX_LENGTH],
            "recipient": choose_recipient(recipient, siren),
        }
        status, headers, body = self._send(path, endpoint, params, timeout)
        self._obey_quota(headers)
        if status != HTTPStatus.OK:
            self._raise_for(status, headers, body, endpoint)
        return body

    def _send(
        self, path: str, endpoint: str, params: dict[str, str], timeout: float
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Return status, headers and body of the answer, or raise `ApiUnavailable` for none."""
        started = time.monotonic()
        response, failure = None, ""
        try:
            response = self.session.get(
                f"{settings.API_ENTREPRISE_URL}{path}",
                params=params,
                auth=self._authorize,
                timeout=Timeout(total=timeout, connect=timeout, read=timeout),
                allow_redirects=False,
                stream=True,
            )
            body = _read_body(response, deadline=started + timeout)
        except (requests.Timeout, ReadTimeoutError, BodyTooSlow):
            failure = "délai dépassé"
            raise ApiUnavailable(f"{endpoint} : délai dépassé", is_timeout=True) from None
        except (requests.RequestException, HTTPError, BodyTooBig, OSError) as error:
            # The message of the error may quote the address or the headers: its class is enough.
            failure = type(error).__name__
            raise ApiUnavailable(f"{endpoint} : {failure}") from None
        finally:
            _log(endpoint, response, failure, started)
            if response is not None:
                response.close()
        return response.status_code, response.headers, body

    def _authorize(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the token last, so that no `.netrc` takes its place."""
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request

    def _check_may_call(self) -> None:
        if (seconds := limits.held_seconds()) > 0:
            raise ApiUnavailable("limite d’appels atteinte", retry_after_seconds=seconds)
        if not self.token or not self.token.isascii() or not self.token.isprintable():
            self._refuse_token("absent ou mal formé")
        if jetons.has_expired(self.token):
            self._refuse_token("expiré")
        if limits.is_token_refused(self.token):
            raise ApiRefused("jeton refusé récemment", is_token_problem=True)

    def _refuse_token(self, why: str) -> NoReturn:
        """Stop the calls with this token and tell ops, once."""
        if limits.refuse_token(self.token):
            logger.error(
                "API Entreprise : jeton %s ; les appels sont suspendus, voir API_ENTREPRISE_TOKEN",
                why,
            )
        raise ApiRefused(f"jeton {why}", is_token_problem=True)

    def _obey_quota(self, headers: Mapping[str, str]) -> None:
        """Hold every process off when this call was the last that the quota allowed."""
        if headers.get("RateLimit-Remaining", "").strip() != "0":
            return
        reset = _seconds(headers.get("RateLimit-Reset"))
        wait = None if reset is None else reset - int(time.time())
        if wait is not None and 0 < wait <= MAX_QUOTA_WAIT_SECONDS:
            limits.hold_off(wait)

    def _raise_for(
        self, status: int, headers: Mapping[str, str], body: bytes, endpoint: str
    ) -> NoReturn:
        """Raise what the status means (developer guide, « Codes d’erreur »)."""
        message = f"{endpoint} : HTTP {status}"
        retry_in = _retry_in(body)
        match status:
            case 401:
                self._refuse_token("refusé (HTTP 401)")
            case 404:
                raise EtablissementNotFound(message)
            case 451:
                raise EtablissementNotDiffusible(message)
            case 409:
                raise ApiUnavailable(
                    message, retry_after_seconds=retry_in or CONFLICT_RETRY_SECONDS
                )
            case 429:
                seconds = _seconds(headers.get("Retry-After"))
                seconds = DEFAULT_HOLD_SECONDS if seconds is None else seconds
                limits.hold_off(seconds)
                raise ApiUnavailable(message, retry_after_seconds=limits.held_seconds() or seconds)
            case 408:
                raise ApiUnavailable(message, is_timeout=True)
            case _ if 400 <= status < 500:
                logger.error("API Entreprise : appel refusé, %s %s", message, _codes(body))
                raise ApiRefused(message)
        retry_after = _seconds(headers.get("Retry-After"))
        raise ApiUnavailable(message, retry_after_seconds=retry_in or retry_after)


def choose_recipient(recipient: str, siren: str) -> str:
    """Return the SIRET of the public body that receives the data, or raise `ApiRefused`.

    API Entreprise refuses the company asked about as recipient of its own data: the body that
    runs this install then stands in, and when it is that very company nobody may ask.
    """
    for candidate in (recipient, settings.API_ENTREPRISE_RECIPIENT):
        try:
            number = normalize_siret(candidate)
        except SiretError:
            continue
        if number[:9] != siren:
            return number
    raise ApiRefused("aucun destinataire autre que l’entreprise demandée")


def _read_body(response: requests.Response, *, deadline: float) -> bytes:
    """Return the body; of an error, understood by its status alone, what cannot be read is left."""
    try:
        return read_body(response, deadline=deadline, max_bytes=MAX_BODY_BYTES)
    except (HTTPError, BodyTooBig, BodyTooSlow, OSError):
        if response.status_code == HTTPStatus.OK:
            raise
        return b""


def _read(body: bytes, read: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    try:
        return read(answers.parse(body))
    except answers.UnusableAnswer as error:
        raise ApiUnavailable(f"réponse inutilisable : {error}") from None


def _log(endpoint: str, response: requests.Response | None, failure: str, started: float) -> None:
    request_id = response.headers.get("X-Request-ID", "") if response is not None else ""
    logger.info(
        "API Entreprise : %s %s en %d ms, requête %s",
        endpoint,
        failure or (response.status_code if response is not None else "sans réponse"),
        (time.monotonic() - started) * 1000,
        request_id if _REQUEST_ID.fullmatch(request_id) else "-",
    )


def _seconds(header: str | None) -> int | None:
    """Return the whole number in a header, None when it holds anything else."""
    header = (header or "").strip()
    return int(header) if header.isascii() and header.isdigit() and len(header) < 13 else None


def _errors(body: bytes) -> list[dict[str, Any]]:
    try:
        errors = answers.parse(body).get("errors")
    except answers.UnusableAnswer:
        return []
    return [e for e in errors if isinstance(e, dict)] if isinstance(errors, list) else []


def _retry_in(body: bytes) -> int | None:
    """Return the wait a provider asked for, in seconds."""
    for error in _errors(body):
        seconds = answers.part(error, "meta").get("retry_in")
        if isinstance(seconds, int) and not isinstance(seconds, bool) and seconds > 0:
            return min(seconds, MAX_RETRY_SECONDS)
    return None


def _codes(body: bytes) -> str:
    """Return the error codes of a body: five digits each, no personal data."""
    codes = [answers.text(error, "code", 5) for error in _errors(body)]
    return " ".join(code for code in codes if code.isdigit())
