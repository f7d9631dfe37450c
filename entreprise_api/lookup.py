"""From a SIRET to a saved `Etablissement`: at once when the API answers, later when it does not.

The API is always called before anything is locked or saved.
"""

import datetime
import logging
import time
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from entreprise_api import limits, tasks
from entreprise_api.client import ApiEntrepriseClient
from entreprise_api.enums import CapitalState, LookupState
from entreprise_api.exceptions import (
    ApiEntrepriseError,
    ApiRefused,
    ApiUnavailable,
    EtablissementNotDiffusible,
    EtablissementNotFound,
)
from entreprise_api.models import Etablissement
from entreprise_api.signals import etablissement_completed
from entreprise_api.siret import normalize_siret

logger = logging.getLogger(__name__)

REUSE_HOURS = 24  # INSEE refreshes Sirene every night
BACKOFF_SECONDS = (30, 120, 600, 1800, 7200)
QUEUED_TASK_SECONDS = 120  # what a task just queued has before the sweep queues another
SWEEP_BATCH = 60
SWEEP_LEASE_SECONDS = 600
CALLS_OF_A_TASK = 2  # INSEE, then the RCS
_MIN_CALL_SECONDS = 0.5


def look_up(siret: str, *, recipient: str = "", purpose: str) -> Etablissement:
    """Return a new saved établissement, complete if the API answers within two seconds.

    It is left `en_attente` when the API is down, slow or rate limited, and `refuse` when it
    rejects our token or parameters; tasks complete what can be. Raises `SiretError`,
    `EtablissementNotFound` or `EtablissementNotDiffusible`.
    """
    etablissement = Etablissement(
        siret=normalize_siret(siret), recipient=recipient[:14], purpose=purpose[:100]
    )
    is_timeout = False
    if fields := _reused(etablissement.siret):
        _fill(etablissement, fields)
        etablissement.save()
    else:
        is_timeout = _ask_interactively(etablissement)
    if is_timeout or etablissement.is_capital_pending:
        tasks.complete_etablissement.delay_on_commit(etablissement.pk)
    return etablissement


def postpone(siret: str, *, recipient: str = "", purpose: str) -> Etablissement:
    """Return a new saved établissement that a task will complete; raises `SiretError`."""
    etablissement = Etablissement(
        siret=normalize_siret(siret), recipient=recipient[:14], purpose=purpose[:100]
    )
    if fields := _reused(etablissement.siret):
        _fill(etablissement, fields)
    etablissement.save()
    return etablissement


def complete(etablissement_pk: int) -> None:
    """Fetch what the établissement lacks; safe to run twice, or twice at once.

    A failure plans the next attempt. A row erased meanwhile is nothing to complete.
    """
    etablissement = Etablissement.objects.filter(pk=etablissement_pk).first()
    if etablissement is None or not (etablissement.is_pending or etablissement.is_capital_pending):
        return
    timeout = settings.API_ENTREPRISE_TASK_TIMEOUT_SECONDS
    with limits.one_call_at_a_time(
        etablissement.siret, wait_seconds=timeout, call_seconds=CALLS_OF_A_TASK * timeout
    ) as alone:
        if not alone:
            return
        if _reload(etablissement) and etablissement.is_pending:
            _complete_insee(etablissement, timeout)
        if _reload(etablissement) and etablissement.is_capital_pending:
            _complete_capital(etablissement, timeout)


def sweep(now: datetime.datetime | None = None) -> list[int]:
    """Return the rows to complete now, and leave them alone for ten minutes.

    While the API asks everybody to wait there is none.
    """
    if limits.held_seconds() > 0:
        return []
    now = now or timezone.now()
    with transaction.atomic():
        due = Etablissement.objects.due(now).select_for_update(skip_locked=True, of=("self",))
        pks = list(due.values_list("pk", flat=True)[:SWEEP_BATCH])
        Etablissement.objects.filter(pk__in=pks).update(
            next_attempt_at=now + datetime.timedelta(seconds=SWEEP_LEASE_SECONDS)
        )
    return pks


def _reused(siret: str) -> dict[str, Any] | None:
    """Return what INSEE said of `siret` less than a day ago, its capital included if known."""
    since = timezone.now() - datetime.timedelta(hours=REUSE_HOURS)
    known = Etablissement.objects.reusable(siret, since).first()
    if known is None:
        return None
    names = Etablissement.INSEE_FIELDS
    if known.capital_state in (CapitalState.CONNU, CapitalState.INCONNU):
        names += Etablissement.CAPITAL_FIELDS
    return {name: getattr(known, name) for name in names}


def _ask_interactively(etablissement: Etablissement) -> bool:
    """Ask INSEE for a person who waits and save the row; say whether more patience may help.

    The row is saved before the next caller may ask about the same number: it is found there.
    """
    timeout = settings.API_ENTREPRISE_INTERACTIVE_TIMEOUT_SECONDS
    started, is_timeout = time.monotonic(), False
    with limits.one_call_at_a_time(
        etablissement.siret, wait_seconds=timeout, call_seconds=timeout
    ) as alone:
        try:
            fields = _reused(etablissement.siret)
            if fields is None and not alone:
                raise ApiUnavailable("même appel déjà en cours", is_timeout=True)
            remaining = max(_MIN_CALL_SECONDS, timeout - (time.monotonic() - started))
            _fill(etablissement, fields or _fetch_insee(etablissement, remaining))
        except (EtablissementNotFound, EtablissementNotDiffusible):
            raise
        except ApiEntrepriseError as error:
            _note_failure(etablissement, error, attempts=1)
            is_timeout = isinstance(error, ApiUnavailable) and error.is_timeout
        if is_timeout:
            etablissement.next_attempt_at = _in(QUEUED_TASK_SECONDS)
        etablissement.save()
    return is_timeout


def _fetch_insee(etablissement: Etablissement, timeout: float) -> dict[str, Any]:
    with ApiEntrepriseClient() as client:
        fields = client.get_etablissement(
            etablissement.siret,
            recipient=etablissement.recipient,
            purpose=etablissement.purpose,
            timeout=timeout,
        )
    return fields | {"fetched_at": timezone.now()}


def _fill(etablissement: Etablissement, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        setattr(etablissement, name, value)
    etablissement.state = LookupState.COMPLET
    etablissement.attempts, etablissement.last_error = 0, ""
    wants_capital = etablissement.capital_state == CapitalState.A_RECUPERER
    etablissement.next_attempt_at = _in(QUEUED_TASK_SECONDS) if wants_capital else None


def _reload(etablissement: Etablissement) -> bool:
    """Read the row again; say whether it still exists."""
    try:
        etablissement.refresh_from_db()
    except Etablissement.DoesNotExist:
        return False
    return True


def _complete_insee(etablissement: Etablissement, timeout: float) -> None:
    """Ask INSEE, save what it says and tell the apps above once the state is final."""
    fields: dict[str, Any] = {}
    failure: ApiEntrepriseError | None = None
    try:
        fields = _reused(etablissement.siret) or _fetch_insee(etablissement, timeout)
    except ApiEntrepriseError as error:
        failure = error
    with transaction.atomic():
        row = Etablissement.objects.locked(etablissement.pk)
        if row is None or not row.is_pending:
            return
        if failure is None:
            _fill(row, fields)
        else:
            _note_failure(row, failure, attempts=row.attempts + 1)
        row.save()
        if not row.is_pending:
            etablissement_completed.send(sender=Etablissement, etablissement=row)


def _complete_capital(etablissement: Etablissement, timeout: float) -> None:
    """Ask the RCS for the capital and save it, or that there is none."""
    fields: dict[str, Any] = {}
    failure: ApiEntrepriseError | None = None
    try:
        fields = _fetch_capital(etablissement, timeout)
    except ApiEntrepriseError as error:
        failure = error
    with transaction.atomic():
        row = Etablissement.objects.locked(etablissement.pk)
        if row is None or not row.is_capital_pending:
            return
        if failure is None:
            for name, value in fields.items():
                setattr(row, name, value)
            row.next_attempt_at, row.last_error = None, ""
        else:
            _plan_retry(row, failure, attempts=row.attempts + 1)
        row.save()


def _fetch_capital(etablissement: Etablissement, timeout: float) -> dict[str, Any]:
    """Return the capital fields; raise only for what another attempt may mend."""
    try:
        with ApiEntrepriseClient() as client:
            fields = client.get_extrait_rcs(
                etablissement.siren,
                recipient=etablissement.recipient,
                purpose=etablissement.purpose,
                timeout=timeout,
            )
    except (EtablissementNotFound, EtablissementNotDiffusible):
        return {"capital_state": CapitalState.INCONNU}  # not at the RCS
    except ApiRefused as error:
        if error.is_token_problem:
            raise
        return {"capital_state": CapitalState.REFUSE}
    is_known = fields["capital_social"] is not None
    return fields | {"capital_state": CapitalState.CONNU if is_known else CapitalState.INCONNU}


def _note_failure(
    etablissement: Etablissement, error: ApiEntrepriseError, *, attempts: int
) -> None:
    """Set the state that `error` leads to, and the next attempt where one makes sense."""
    match error:
        case EtablissementNotFound():
            etablissement.state = LookupState.INTROUVABLE
        case EtablissementNotDiffusible():
            etablissement.state = LookupState.NON_DIFFUSIBLE
        case ApiRefused():
            etablissement.state = LookupState.REFUSE
        case _:
            etablissement.state = LookupState.EN_ATTENTE
    if error.retryable or (isinstance(error, ApiRefused) and error.is_token_problem):
        _plan_retry(etablissement, error, attempts=attempts)
    else:
        etablissement.next_attempt_at = None
        etablissement.last_error = str(error)[:200]


def _plan_retry(etablissement: Etablissement, error: ApiEntrepriseError, *, attempts: int) -> None:
    if isinstance(error, ApiRefused):
        seconds = BACKOFF_SECONDS[-1]
    else:
        seconds = BACKOFF_SECONDS[min(max(attempts - 1, 0), len(BACKOFF_SECONDS) - 1)]
    asked = error.retry_after_seconds if isinstance(error, ApiUnavailable) else None
    etablissement.attempts = attempts
    etablissement.next_attempt_at = _in(max(seconds, asked or 0))
    etablissement.last_error = str(error)[:200]


def _in(seconds: float) -> datetime.datetime:
    return timezone.now() + datetime.timedelta(seconds=seconds)
