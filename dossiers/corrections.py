"""Corrections: named champs that an accompagnateur asks the usager to correct."""

import uuid
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from dossiers import echeances, policies, workflow
from dossiers.annonces import announce_corrected, announce_correction, announce_message
from dossiers.attente_usager import refresh_awaited
from dossiers.completeness import sections_of
from dossiers.copie import FIELDS, open_working_copy, save_working_copy
from dossiers.demande import Problem, Section
from dossiers.enums import DossierState, HistoryAction, MessageSide
from dossiers.historique import record
from dossiers.locks import locked_dossier
from dossiers.messagerie import locked_for_message, tidy, write
from dossiers.models import Correction, Dossier, PieceJointe
from dossiers.retrait import delete_files
from procedures.champs import Champ

DEFAULT_MESSAGE = "Merci de corriger les réponses suivantes."
CANCELLED_MESSAGE = (
    "La correction demandée n’est plus nécessaire : vous n’avez rien à faire pour ce dossier."
)
ALREADY_ASKED = (
    "Une correction est déjà demandée sur ce dossier. Attendez la réponse de l’usager, "
    "ou annulez cette demande."
)
NOT_OPEN = "Une correction ne se demande que sur un dossier en construction ou en instruction."
NO_CHAMP = "Choisissez au moins une question à corriger."
UNKNOWN_CHAMP = "Une question choisie n’est plus dans ce dossier. Rechargez la page."


def editable_champ_ids(dossier: Dossier) -> frozenset[str] | None:
    """Return the ids of the champs that the usager may change, None when all of them."""
    return dossier.editable_champ_ids


def correctable_champs(dossier: Dossier) -> list[Champ]:
    """Return the champs that may be named: those asked, a bloc as a whole, in order."""
    return [champ for champ in dossier.questionnaire.visible if _is_correctable(champ)]


def ask(
    dossier_id: int, *, by, texts: dict[str, str], message: str, token: uuid.UUID
) -> Correction:
    """Ask the usager to correct the champs that `texts` names, and return the request.

    En instruction, the dossier goes back en construction in the same transaction. Sent twice with
    one `token`, it is asked once. Raises PermissionDenied, Dossier.DoesNotExist, ValidationError.
    """
    with transaction.atomic():
        dossier = locked_for_message(dossier_id)
        if not policies.can_decide(by, dossier):
            raise PermissionDenied
        twin = Correction.objects.filter(
            dossier=dossier, message__author=by, message__token=token
        ).first()
        if twin is not None:
            return twin
        named = _check(dossier, texts)
        body = tidy(message) or DEFAULT_MESSAGE
        correction = Correction.objects.create(
            dossier=dossier,
            message=write(dossier, by=by, side=MessageSide.SERVICE, body=body, token=token),
            champs=[
                {"id": champ.id, "label": champ.label, "text": texts[champ.id]} for champ in named
            ],
            hidden_ids=sorted(dossier.questionnaire.hidden),
            from_state=dossier.state,
            asked_by=by,
        )
        refresh_awaited(dossier)
        echeances.suspend(dossier)
        _go_back(dossier, correction, by=by)
        if correction.from_state == DossierState.EN_INSTRUCTION:
            _hold_back(dossier.pk)
        announce_correction(dossier, correction)
    return correction


def resolve(dossier: Dossier, by) -> Correction | None:
    """Note that the usager made the pending correction; return it, None when none is pending.

    Whoever calls it checked that `by` may give the dossier back. Done twice, changes nothing.
    """
    with transaction.atomic():
        dossier = locked_for_message(dossier.pk)
        correction = dossier.pending_correction
        if correction is None:
            return None
        correction.resolved_at, correction.resolved_by = timezone.now(), by
        correction.save(update_fields=["resolved_at", "resolved_by"])
        refresh_awaited(dossier)
        echeances.resume(dossier)
        record(HistoryAction.RESOLVE_CORRECTION, dossier, by=by)
        announce_corrected(dossier, correction)
    return correction


def cancel(dossier_id: int, *, by) -> Correction | None:
    """Spare the usager the pending correction and tell them; return it, None when none is.

    Asked en instruction, it takes the dossier back there. Raises PermissionDenied,
    Dossier.DoesNotExist.
    """
    with transaction.atomic():
        dossier = locked_for_message(dossier_id)
        if not policies.can_decide(by, dossier):
            raise PermissionDenied
        correction = dossier.pending_correction
        if correction is None:
            return None
        dossier.corrections.end(by=by)
        refresh_awaited(dossier)
        echeances.resume(dossier)
        if correction.from_state == DossierState.EN_INSTRUCTION:
            workflow.run(workflow.CANCEL_CORRECTION, dossier.pk, by=by)
        else:
            record(HistoryAction.CANCEL_CORRECTION, dossier, by=by)
        told = write(
            dossier, by=by, side=MessageSide.SERVICE, body=CANCELLED_MESSAGE, token=uuid.uuid4()
        )
        announce_message(dossier, told, [])
    return correction


@dataclass(frozen=True)
class ToCorrect:
    """A champ named by a correction, for the usager: what is asked, and whether it is still bad."""

    id: str
    label: str
    text: str
    is_present: bool
    problem: Problem | None = None

    @property
    def anchor(self) -> str:
        """Return the fragment that leads to the champ in the form."""
        return f"champ-{self.id}"


def to_correct(correction: Correction, sections: list[Section]) -> list[ToCorrect]:
    """Return what a correction names, in the face of the answers of `sections`."""
    rows = {row.champ.id: row for section in sections for row in section.all_rows}
    found = []
    for named in correction.champs:
        row = rows.get(named["id"])
        inner = [row] if row else []
        inner += [other for ligne in (row.lignes if row else []) for other in ligne.rows]
        problem = next((item.problem for item in inner if item.problem), None)
        is_present = row is not None and not row.is_hidden
        found.append(ToCorrect(named["id"], named["label"], named["text"], is_present, problem))
    return found


def problems_left(dossier: Dossier) -> list[Problem]:
    """Return what is missing or wrong among the champs that a correction lets change."""
    opened = dossier.editable_champ_ids
    problems = [problem for section in sections_of(dossier) for problem in section.problems]
    if opened is None:
        return problems
    return [problem for problem in problems if problem.champ and problem.champ.id in opened]


def _check(dossier: Dossier, texts: dict[str, str]) -> list[Champ]:
    """Return the named champs in order. Raises ValidationError when it cannot be asked."""
    if dossier.state not in (DossierState.EN_CONSTRUCTION, DossierState.EN_INSTRUCTION):
        raise ValidationError(NOT_OPEN, code="state")
    if dossier.is_archived:
        raise ValidationError("Désarchivez d’abord ce dossier.", code="archived")
    if dossier.pending_correction is not None:
        raise ValidationError(ALREADY_ASKED, code="pending")
    if not texts:
        raise ValidationError(NO_CHAMP, code="none")
    named = [champ for champ in correctable_champs(dossier) if champ.id in texts]
    if len(named) != len(texts):
        raise ValidationError(UNKNOWN_CHAMP, code="unknown")
    return named


def _go_back(dossier: Dossier, correction: Correction, *, by) -> None:
    labels = " ; ".join(champ["label"] for champ in correction.champs)
    if dossier.state == DossierState.EN_INSTRUCTION:
        workflow.run(workflow.ASK_CORRECTION, dossier.pk, by=by, motivation=labels)
    else:
        record(HistoryAction.ASK_CORRECTION, dossier, by=by, text=labels)


def _hold_back(dossier_id: int) -> None:
    """Bring the closed champs back to what was filed, for whoever was changing them before.

    A change that was never filed would otherwise go with the next deposit, asked for by nobody.
    """
    filed = locked_dossier(dossier_id, "revision", "modification__etablissement")
    if not filed.has_modification:
        return
    before = {name: getattr(filed, name) for name in FIELDS}
    copy = open_working_copy(filed)
    opened = copy.editable_champ_ids
    for name in FIELDS:
        changed = getattr(copy, name)
        if isinstance(changed, dict):
            kept = {key: value for key, value in changed.items() if key in opened}
            closed = {key: value for key, value in before[name].items() if key not in opened}
            setattr(copy, name, closed | kept)
        else:
            setattr(copy, name, before[name])
    save_working_copy(copy)
    files = [file for file in copy.pieces_jointes.all() if file.champ_id not in opened]
    delete_files(file for file in files if file.is_working and not file.is_filed)
    retired = [file.pk for file in files if file.is_filed and not file.is_working]
    PieceJointe.objects.filter(pk__in=retired).update(is_working=True)


def _is_correctable(champ: Champ) -> bool:
    return champ.bloc is None and (champ.holds_answer or champ.holds_files or champ.is_bloc)
