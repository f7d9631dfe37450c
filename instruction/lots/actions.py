"""What can be done to many dossiers at once: one table, to which each action adds itself."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied

from dossiers import messagerie, suivis, workflow
from dossiers.adaptation import adapt_reponses
from dossiers.enums import MOTIVATION_MAX, MessageSide
from dossiers.labels import change_labels
from dossiers.models import Dossier
from instruction.lots.models import Lot
from instruction.reponses_types import fill_text
from procedures.models import Label

_TOKENS = uuid.UUID("5b5f0f9c-7a3e-4c1b-9f0c-6d0c6f3b7a11")


class Skipped(Exception):
    """The dossier is left as it is; the message says why."""


@dataclass(frozen=True)
class LotAction:
    """One action: what is said of it, the words it asks for, what it does to a dossier."""

    name: str
    label: str
    effect: str
    run: Callable[[Lot, int], None]
    # What the email of one dossier says, as (subject, body); None when none leaves.
    preview: Callable[[Dossier, dict[str, Any]], tuple[str, str] | None] = lambda _d, _p: None
    # What the confirmation asks for: `motivation`, `message`, `colleague`, `label` or nothing.
    asks: str = ""
    is_required: bool = True
    sends_email: bool = False


ACTIONS: dict[str, LotAction] = {}


def register(action: LotAction) -> None:
    """Offer an action for batches."""
    ACTIONS[action.name] = action


def filled(text: str, dossier: Dossier) -> str:
    """Return a text with the values of one dossier."""
    return fill_text(text, adapt_reponses(dossier))


def _run_workflow(action: workflow.Action) -> Callable[[Lot, int], None]:
    def run(lot: Lot, dossier_id: int) -> None:
        text = lot.parameters.get("motivation", "")
        workflow.run(
            action,
            dossier_id,
            by=lot.by,
            motivation=lambda dossier: fill_text(text, dossier)[:MOTIVATION_MAX],
        )

    return run


def _preview_workflow(action: workflow.Action):
    def preview(dossier: Dossier, parameters: dict[str, Any]) -> tuple[str, str] | None:
        text = filled(parameters.get("motivation", ""), dossier)
        courriel = workflow.preview_courriel(action, dossier, motivation=text)
        return (courriel.subject, courriel.body_text) if courriel else None

    return preview


def _archive(lot: Lot, dossier_id: int) -> None:
    _check_archived(dossier_id, False, "Le dossier est déjà archivé.")
    workflow.archive(dossier_id, by=lot.by)


def _unarchive(lot: Lot, dossier_id: int) -> None:
    _check_archived(dossier_id, True, "Le dossier n’est pas archivé.")
    workflow.unarchive(dossier_id, by=lot.by)


def _check_archived(dossier_id: int, expected: bool, refusal: str) -> None:
    if _joined(dossier_id).is_archived != expected:
        raise Skipped(refusal)


def _follow(lot: Lot, dossier_id: int) -> None:
    if not suivis.follow(_joined(dossier_id), by=lot.by):
        raise Skipped("Vous suivez déjà ce dossier.")


def _unfollow(lot: Lot, dossier_id: int) -> None:
    if not suivis.unfollow(_joined(dossier_id), user=lot.by):
        raise Skipped("Vous ne suivez pas ce dossier.")


def _assign(lot: Lot, dossier_id: int) -> None:
    colleague = get_user_model().objects.filter(pk=lot.parameters["colleague"]).first()
    if colleague is None:
        raise Skipped("Le compte de la personne choisie n’existe plus.")
    try:
        is_new = suivis.follow(_joined(dossier_id), by=lot.by, user=colleague)
    except PermissionDenied:
        raise Skipped(f"{colleague} ou vous-même ne pouvez pas instruire ce dossier.") from None
    if not is_new:
        raise Skipped(f"{colleague} suit déjà ce dossier.")


def _label(lot: Lot, dossier_id: int) -> None:
    label = Label.objects.filter(pk=lot.parameters["label"], procedure_id=lot.procedure_id).first()
    if label is None:
        raise Skipped("Le label choisi n’existe plus.")
    if Dossier.labels.through.objects.filter(dossier_id=dossier_id, label_id=label.pk).exists():
        raise Skipped(f"Le dossier porte déjà le label « {label} ».")
    change_labels(dossier_id, put=[label.pk], taken=[], by=lot.by)


def _message(lot: Lot, dossier_id: int) -> None:
    messagerie.post(
        dossier_id,
        by=lot.by,
        side=MessageSide.SERVICE,
        body=filled(lot.parameters["message"], _joined(dossier_id)),
        token=uuid.uuid5(_TOKENS, f"{lot.pk}:{dossier_id}"),
    )


def _preview_message(dossier: Dossier, parameters: dict[str, Any]) -> tuple[str, str]:
    return "Message dans la messagerie du dossier", filled(parameters.get("message", ""), dossier)


def _joined(dossier_id: int) -> Dossier:
    joined = Dossier.objects.select_related(
        "usager", "etablissement", "procedure__organisme", "revision"
    )
    return joined.get(pk=dossier_id)


def _decision(action: workflow.Action, effect: str, *, is_required: bool = True) -> LotAction:
    return LotAction(
        action.method,
        action.label,
        effect,
        _run_workflow(action),
        _preview_workflow(action),
        asks="motivation",
        is_required=is_required,
        sends_email=True,
    )


for _item in (
    LotAction(
        workflow.START_INSTRUCTION.method,
        workflow.START_INSTRUCTION.label,
        "Les usagers ne pourront plus modifier leur dossier.",
        _run_workflow(workflow.START_INSTRUCTION),
        _preview_workflow(workflow.START_INSTRUCTION),
        sends_email=True,
    ),
    LotAction(
        workflow.RETURN_TO_CONSTRUCTION.method,
        workflow.RETURN_TO_CONSTRUCTION.label,
        "Les usagers pourront de nouveau modifier leur dossier. Aucun email ne part.",
        _run_workflow(workflow.RETURN_TO_CONSTRUCTION),
    ),
    _decision(workflow.ACCEPT, "Les dossiers en instruction seront acceptés.", is_required=False),
    _decision(workflow.CLOSE_SANS_SUITE, "Les dossiers en instruction seront classés sans suite."),
    _decision(workflow.REJECT, "Les dossiers en instruction seront rejetés."),
    LotAction(
        "archive",
        "Archiver",
        "Les dossiers quittent les listes de travail, leur statut reste.",
        _archive,
    ),
    LotAction(
        "unarchive",
        "Désarchiver",
        "Les dossiers reviennent dans les listes de travail.",
        _unarchive,
    ),
    LotAction("follow", "Suivre", "Vous suivrez ces dossiers.", _follow),
    LotAction("unfollow", "Ne plus suivre", "Vous ne suivrez plus ces dossiers.", _unfollow),
    LotAction(
        "assign",
        "Confier à un collègue",
        "La personne choisie suivra ces dossiers.",
        _assign,
        asks="colleague",
    ),
    LotAction(
        "label",
        "Ajouter un label",
        "Le label choisi s’ajoute à ceux de ces dossiers ; l’usager ne le voit pas.",
        _label,
        asks="label",
    ),
    LotAction(
        "message",
        "Envoyer un message",
        "Le message s’ajoute à la messagerie de chaque dossier.",
        _message,
        _preview_message,
        asks="message",
        sends_email=True,
    ),
):
    register(_item)
