"""The one place where a dossier changes state, whoever asks.

A change is one database transaction: row lock, permission, transition, history row, email into
the outbox. Either all of it happened, or nothing.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.formats import date_format
from django_fsm import can_proceed

from courriels.outbox import enqueue
from dossiers import attestations, beneficiaire, documents_decision, policies, routage
from dossiers.attente_usager import refresh_awaited
from dossiers.avis_usager import courriel_reference
from dossiers.balises import attestation_url, balise_values
from dossiers.depots import check_complete, file_version
from dossiers.enums import (
    ACTIONS_BESIDE_STATE,
    TEST_COURRIEL_NOTICE,
    TEST_SUBJECT_PREFIX,
    HistoryAction,
)
from dossiers.historique import record
from dossiers.locks import locked_dossier
from dossiers.models import Dossier, FilMessagerie, HistoryEntry
from dossiers.search import refresh_search_text
from dossiers.signals import dossier_transitioned
from dossiers.suites import JOINED, announced
from dossiers.suivis import follow_as_actor
from dossiers.unseen import drop_unseen
from procedures import dates
from procedures.courriels import WrittenCourriel, template_of, write_courriel
from procedures.enums import CourrielEvent
from procedures.logos import logo_of_courriels


class TransitionRefused(Exception):
    """The dossier is no longer in a state that allows the action; the message says who and when."""


class ProcedureClosed(TransitionRefused):
    """The procédure does not take new dossiers, no longer or not yet; the message says which."""


@dataclass(frozen=True)
class Action:
    """A change of state: who may ask for it, and the email that leaves."""

    history: HistoryAction
    label: str
    policy: Callable
    event: CourrielEvent | None = None
    is_decision: bool = False

    @property
    def method(self) -> str:
        """Return the name of the transition on the model."""
        return self.history.value


SUBMIT = Action(
    HistoryAction.SUBMIT,
    "Soumettre mon dossier",
    policies.can_submit,
    CourrielEvent.ACCUSE_RECEPTION,
)
START_INSTRUCTION = Action(
    HistoryAction.START_INSTRUCTION,
    "Passer en instruction",
    policies.can_start_instruction,
    CourrielEvent.PASSAGE_EN_INSTRUCTION,
)
RETURN_TO_CONSTRUCTION = Action(
    HistoryAction.RETURN_TO_CONSTRUCTION, "Repasser en construction", policies.can_decide
)
ACCEPT = Action(
    HistoryAction.ACCEPT,
    "Accepter",
    policies.can_accept,
    CourrielEvent.VALIDATION,
    is_decision=True,
)
CLOSE_SANS_SUITE = Action(
    HistoryAction.CLOSE_SANS_SUITE,
    "Classer sans suite",
    policies.can_decide,
    CourrielEvent.SANS_SUITE,
    is_decision=True,
)
REJECT = Action(
    HistoryAction.REJECT, "Rejeter", policies.can_reject, CourrielEvent.REJET, is_decision=True
)
REOPEN = Action(
    HistoryAction.REOPEN,
    "Repasser en instruction",
    policies.can_decide,
    CourrielEvent.REPASSAGE_EN_INSTRUCTION,
)
# Called by `dossiers.corrections` alone, which does the rest.
ASK_CORRECTION = Action(
    HistoryAction.ASK_CORRECTION, "Demander une correction", policies.can_decide
)
CANCEL_CORRECTION = Action(
    HistoryAction.CANCEL_CORRECTION,
    "Annuler la demande de correction",
    policies.can_decide,
)
ACTIONS = {
    action.method: action
    for action in (
        SUBMIT,
        START_INSTRUCTION,
        RETURN_TO_CONSTRUCTION,
        ACCEPT,
        CLOSE_SANS_SUITE,
        REJECT,
        REOPEN,
    )
}


# What a transition may change of its row.
_CHANGED = (
    "state",
    "submitted_at",
    "groupe",
    "demande_changed_at",
    "instruction_started_at",
    "decided_at",
    "archived_at",
    "hidden_at",
    "motivation",
    "updated_at",
    "search_text",
)


def run(
    action: Action,
    dossier_id: int,
    *,
    by,
    motivation: str | Callable[[Dossier], str] = "",
    documents: Iterable = (),
) -> Dossier:
    """Carry `action` out on a dossier for `by` and return the dossier as it is afterwards.

    `by` is None when TPS acts by itself, at a planned date or at the end of a legal deadline.
    A `motivation` that depends on the dossier is a function of it, called once it is locked.
    `documents` are checked files (`messagerie.check_files`) that go with a decision.
    Raises PermissionDenied, TransitionRefused (somebody was faster), ProcedureClosed
    and, from `depots`, DossierIncomplete or DossierIneligible. Opens its own transaction and locks
    the dossier's row.
    """
    with transaction.atomic():
        if action is SUBMIT:
            # Before the dossier, in the order of whoever publishes.
            dates.hold_open(_procedure_id(dossier_id))
        dossier = _locked(dossier_id, *(JOINED if action in (SUBMIT, ACCEPT) else ()))
        if not action.policy(by, dossier):
            raise PermissionDenied
        if not can_proceed(getattr(dossier, action.method)):
            raise TransitionRefused(refusal(dossier))
        if action is SUBMIT:
            _check_submission(dossier)
        if callable(motivation):
            motivation = motivation(dossier)
        from_state = dossier.state
        _change(action, dossier, by=by, motivation=motivation)
        entry = record(action.history, dossier, by=by, from_state=from_state, text=motivation)
        for document in documents:
            documents_decision.attach(dossier, document, by=by)
        _follow(action, dossier, entry, by)
    return dossier


def _change(action: Action, dossier: Dossier, *, by, motivation: str) -> None:
    """Change the row of a locked dossier as the action says, and save it."""
    dropped = drop_unseen(dossier) if action is SUBMIT else []
    getattr(dossier, action.method)(by=by, motivation=motivation)
    dossier.updated_at = timezone.now()
    if action is SUBMIT:
        dossier.demande_changed_at = dossier.updated_at
        dossier.groupe = routage.groupe_for(dossier)
    refresh_search_text(dossier)
    dossier.save(update_fields=[*_CHANGED, *dropped])


def _follow(action: Action, dossier: Dossier, entry: HistoryEntry, by) -> None:
    """Do what comes with a change of state, in its transaction."""
    if action is SUBMIT:
        file_version(dossier, by=by)
        FilMessagerie.objects.filter(dossier=dossier).update(is_before_deposit=False)
    if action is START_INSTRUCTION:  # what was asked for is waited for no longer
        dossier.corrections.end(by=by)
    if action is ACCEPT:
        attestations.issue(dossier)
    if action is REOPEN:
        attestations.withdraw(dossier)
        documents_decision.withdraw(dossier)
    if action.event is not None:
        _enqueue_courriel(dossier, action.event, entry)
    if action is SUBMIT or action.is_decision:
        beneficiaire.tell_of(dossier, entry)
    if action is not SUBMIT:
        follow_as_actor(dossier, by)
        refresh_awaited(dossier)
    dossier_transitioned.send(Dossier, dossier=dossier, action=action, by=by, entry=entry)


def refusal(dossier: Dossier) -> str:
    """Say why an action is refused: the state of the dossier, who put it there and when."""
    label = dossier.get_state_display()
    changes = dossier.history.exclude(action__in=ACTIONS_BESIDE_STATE)
    last = changes.exclude(from_state=F("to_state")).order_by("-at", "-id").first()
    if last is None:
        return f"Cette action n’est pas possible : le dossier est {label}."
    when = date_format(timezone.localtime(last.at), r"d/m/Y à H:i")
    return (
        f"Cette action n’est plus possible : le dossier est {label} "
        f"depuis le {when}, par {last.author}."
    )


def archive(dossier_id: int, *, by) -> Dossier:
    """Archive a submitted dossier, on top of its state; archiving twice changes nothing."""
    return _set_archived(dossier_id, by=by, archived=True)


def unarchive(dossier_id: int, *, by) -> Dossier:
    """Bring an archived dossier back; doing it twice changes nothing."""
    return _set_archived(dossier_id, by=by, archived=False)


def preview_courriel(
    action: Action, dossier: Dossier, *, motivation: str
) -> WrittenCourriel | None:
    """Return the email that `action` would send now, None when it sends none."""
    if action.event is None:
        return None
    values = balise_values(dossier, motivation=motivation)
    if action is REOPEN:  # the decision it takes back, and what was delivered with it
        values |= {"date_decision": "", "lien_attestation": ""}
    today = date_format(timezone.localdate(), "d/m/Y")
    if action.is_decision:
        values["date_decision"] = today
        if action is ACCEPT and attestations.is_issued_by(dossier.procedure):
            values["lien_attestation"] = attestation_url(dossier)
    elif action is START_INSTRUCTION:
        values["date_passage_en_instruction"] = today
    return _written_courriel(dossier, action.event, values)


def _locked(dossier_id: int, *joined: str) -> Dossier:
    return locked_dossier(
        dossier_id, "usager", "etablissement", "procedure__organisme", "groupe", "revision", *joined
    )


def _procedure_id(dossier_id: int) -> int:
    return Dossier.with_tests.values_list("procedure_id", flat=True).get(pk=dossier_id)


def _check_submission(dossier: Dossier) -> None:
    if not dossier.may_be_submitted:
        raise ProcedureClosed(dates.refusal(dossier.procedure))
    check_complete(dossier)


def _enqueue_courriel(dossier: Dossier, event: CourrielEvent, entry: HistoryEntry) -> None:
    # The reason of a reopening is in the history alone.
    reason = entry.motivation if entry.action == HistoryAction.REOPEN else None
    courriel = _written_courriel(dossier, event, balise_values(dossier, motivation=reason))
    enqueue(
        to=dossier.usager.email,
        kind=event.value,
        subject=courriel.subject,
        body_text=courriel.body_text,
        body_html=courriel.body_html,
        reference=courriel_reference(dossier.pk),
        key=f"historique:{entry.pk}",
    )


def _written_courriel(
    dossier: Dossier, event: CourrielEvent, values: dict[str, str]
) -> WrittenCourriel:
    subject, body = template_of(dossier.procedure, event)
    if dossier.is_test:
        subject, body = f"{TEST_SUBJECT_PREFIX}{subject}", f"{TEST_COURRIEL_NOTICE}\n\n{body}"
    logo = logo_of_courriels(dossier.procedure)
    return write_courriel(subject, body, values, announced(dossier, event), logo)


def _set_archived(dossier_id: int, *, by, archived: bool) -> Dossier:
    with transaction.atomic():
        dossier = _locked(dossier_id)
        if not policies.can_decide(by, dossier):
            raise PermissionDenied
        if dossier.is_archived == archived:
            return dossier
        dossier.archived_at = timezone.now() if archived else None
        dossier.save(update_fields=["archived_at"])
        if archived:  # no answer is expected any more
            FilMessagerie.objects.filter(dossier=dossier).update(
                waiting_from=None, waiting_to=None, answer_asked_at=None
            )
        refresh_awaited(dossier)
        action = HistoryAction.ARCHIVE if archived else HistoryAction.UNARCHIVE
        record(action, dossier, by=by)
    return dossier
