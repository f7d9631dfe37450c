"""What a person reads about the actions on a dossier: before, after, and where to go next."""

from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django_fsm import can_proceed

from dossiers import policies, workflow
from dossiers.models import Dossier


@dataclass(frozen=True)
class ActionLook:
    """How an action is offered: its address, its button, what it does."""

    action: workflow.Action
    url_name: str
    button: str
    effect: str
    done: str

    @property
    def label(self) -> str:
        """Return the words of the button."""
        return self.action.label

    @property
    def shortcut(self) -> str:
        """Return the key that does it on the page of a dossier, empty for none."""
        return _SHORTCUTS.get(self.action.method, "")

    @property
    def asks_text(self) -> bool:
        """Tell whether words go with it: a motivation, or a reason."""
        return self.action.is_decision or self.action is workflow.REOPEN


START_INSTRUCTION = ActionLook(
    workflow.START_INSTRUCTION,
    "instruction:dossier_start_instruction",
    "fr-btn fr-icon-play-circle-line fr-btn--icon-left",
    "L’usager ne pourra plus modifier son dossier.",
    "est passé en instruction",
)
RETURN_TO_CONSTRUCTION = ActionLook(
    workflow.RETURN_TO_CONSTRUCTION,
    "instruction:dossier_return_to_construction",
    "fr-btn fr-btn--tertiary fr-icon-arrow-go-back-line fr-btn--icon-left",
    "L’usager pourra de nouveau modifier son dossier. Aucun email ne part.",
    "est repassé en construction",
)
ACCEPT = ActionLook(
    workflow.ACCEPT,
    "instruction:dossier_accept",
    "fr-btn tps-btn--accepter fr-icon-checkbox-circle-line fr-btn--icon-left",
    "Le dossier sera terminé : accepté.",
    "est accepté",
)
CLOSE_SANS_SUITE = ActionLook(
    workflow.CLOSE_SANS_SUITE,
    "instruction:dossier_close_sans_suite",
    "fr-btn tps-btn--sans-suite fr-icon-archive-line fr-btn--icon-left",
    "Le dossier sera terminé : classé sans suite.",
    "est classé sans suite",
)
REJECT = ActionLook(
    workflow.REJECT,
    "instruction:dossier_reject",
    "fr-btn tps-btn--rejeter fr-icon-close-circle-line fr-btn--icon-left",
    "Le dossier sera terminé : rejeté.",
    "est rejeté",
)
REOPEN = ActionLook(
    workflow.REOPEN,
    "instruction:dossier_reopen",
    "fr-btn fr-btn--secondary fr-icon-arrow-go-back-line fr-btn--icon-left",
    "La décision et son attestation sont retirées ; elles restent dans l’historique.",
    "est repassé en instruction",
)
LOOKS = {
    look.action.method: look
    for look in (
        START_INSTRUCTION,
        RETURN_TO_CONSTRUCTION,
        ACCEPT,
        CLOSE_SANS_SUITE,
        REJECT,
        REOPEN,
    )
}


# What undoes a step is not what a dossier waits for.
_BACKWARDS = (RETURN_TO_CONSTRUCTION, REOPEN)
_SHORTCUTS = {"start_instruction": "i", "accept": "a", "close_sans_suite": "s", "reject": "r"}


@dataclass(frozen=True)
class ActionMenu:
    """The actions open to a person on a dossier: those that move it on, and the others."""

    main: list[ActionLook]
    others: list[ActionLook]
    can_decide: bool
    is_own_dossier: bool


def action_menu(user, dossier: Dossier) -> ActionMenu:
    """Return what `user` may do now with `dossier`."""
    can_decide = policies.can_decide(user, dossier)
    possible = [
        look
        for look in LOOKS.values()
        if can_decide and can_proceed(getattr(dossier, look.action.method))
    ]
    return ActionMenu(
        main=[look for look in possible if look not in _BACKWARDS],
        others=[look for look in possible if look in _BACKWARDS],
        can_decide=can_decide,
        is_own_dossier=dossier.usager_id == user.pk and not dossier.is_test,
    )


def done_message(look: ActionLook, dossier: Dossier, url: str = "") -> SafeString:
    """Say what was done and which email leaves; with `url`, the dossier is a link."""
    name = format_html("dossier nº {}", dossier.pk)
    if url:
        name = format_html('<a href="{}">{}</a>', url, name)
    message = format_html("Le {} {}.", name, look.done)
    if look.action.event is not None:
        message += format_html(
            " L’email « {} » part à {}.", look.action.event.label, dossier.usager.email
        )
    return message
