"""What happened to an invented dossier, and when."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from accounts.models import User
from dossiers.enums import STATES_TERMINES, DossierState, HistoryAction

HISTORY_FIELDS = ("dossier", "action", "from_state", "to_state", "by", "by_name", "at")

# How many dossiers of a hundred stand in each state.
_STATES = {
    DossierState.BROUILLON: 10,
    DossierState.EN_CONSTRUCTION: 15,
    DossierState.EN_INSTRUCTION: 10,
    DossierState.ACCEPTE: 45,
    DossierState.SANS_SUITE: 5,
    DossierState.REJETE: 15,
}
_SHARE_OF_ARCHIVED = 0.3
_SHARE_SENT_BACK = 0.1
_OLDEST_DAYS = 3 * 365
_OLDEST_OPEN_DAYS = 60
_DECISIONS = {
    DossierState.ACCEPTE: HistoryAction.ACCEPT,
    DossierState.SANS_SUITE: HistoryAction.CLOSE_SANS_SUITE,
    DossierState.REJETE: HistoryAction.REJECT,
}


@dataclass(frozen=True)
class Story:
    """The state of a dossier and the dates of its life."""

    state: DossierState
    created_at: datetime
    submitted_at: datetime | None = None
    sent_back_at: datetime | None = None
    started_at: datetime | None = None
    decided_at: datetime | None = None
    archived_at: datetime | None = None

    @property
    def updated_at(self) -> datetime:
        """Return when the dossier last changed."""
        return self.decided_at or self.started_at or self.submitted_at or self.created_at


def tell_story(random: Random, now: datetime) -> Story:
    """Invent a life: decided dossiers are spread over years, open ones over weeks."""
    [state] = random.choices(list(_STATES), list(_STATES.values()))
    is_termine = state in STATES_TERMINES
    oldest = _OLDEST_DAYS if is_termine else _OLDEST_OPEN_DAYS
    # A life has five steps of up to a fifth of the time that is left.
    age = timedelta(days=random.uniform(1, oldest))
    step = age / 5
    moments = [now - age + step * (rank + random.random()) for rank in range(5)]
    created_at, submitted_at, first_start, second_start, decided_at = moments
    if state == DossierState.BROUILLON:
        return Story(state, created_at)
    if state == DossierState.EN_CONSTRUCTION:
        return Story(state, created_at, submitted_at)
    sent_back_at = None
    started_at = first_start
    if random.random() < _SHARE_SENT_BACK:
        sent_back_at, started_at = first_start + (second_start - first_start) / 2, second_start
    archived_at = None
    if is_termine and random.random() < _SHARE_OF_ARCHIVED:
        archived_at = decided_at + (now - decided_at) / 2
    return Story(
        state,
        created_at,
        submitted_at,
        sent_back_at,
        started_at,
        decided_at if is_termine else None,
        archived_at,
    )


def history_of(
    dossier_id: int, story: Story, usager: tuple[int, str], accompagnateur: User
) -> Iterator[tuple]:
    """Yield the history rows of a dossier, in the order of `HISTORY_FIELDS`."""
    state = DossierState
    by_us = (accompagnateur.pk, str(accompagnateur))
    steps = []
    if story.submitted_at:
        steps.append((HistoryAction.SUBMIT, state.EN_CONSTRUCTION, usager, story.submitted_at))
    if story.sent_back_at:
        before = story.submitted_at + (story.sent_back_at - story.submitted_at) / 2
        steps += [
            (HistoryAction.START_INSTRUCTION, state.EN_INSTRUCTION, by_us, before),
            (
                HistoryAction.RETURN_TO_CONSTRUCTION,
                state.EN_CONSTRUCTION,
                by_us,
                story.sent_back_at,
            ),
        ]
    if story.started_at:
        steps.append(
            (HistoryAction.START_INSTRUCTION, state.EN_INSTRUCTION, by_us, story.started_at)
        )
    if story.decided_at:
        steps.append((_DECISIONS[story.state], story.state, by_us, story.decided_at))
    if story.archived_at:
        steps.append((HistoryAction.ARCHIVE, story.state, by_us, story.archived_at))
    previous = state.BROUILLON
    for action, after, (author_id, author_name), at in steps:
        yield (dossier_id, action, previous, after, author_id, author_name, at)
        previous = after
