"""Saving answers, champ by champ under the row lock, so that two people may fill in at once."""

import hashlib
import json
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import QueryDict

from dossiers import policies
from dossiers.auteurs import Auteur, auteur_of, note_auteur
from dossiers.copie import locked_working_copy, save_working_copy
from procedures.champs import Champ

REFUSED_INPUT_MAX = 30_000
REFUSED_ITEMS_MAX = 100


# The answer to « whose answer stays? »: see `choice_name`.
TAKE_THEIRS = "reprendre"
NO_ANSWER = "sans réponse"


@dataclass(frozen=True)
class Conflict:
    """Two answers to one question: what was saved since the page was shown, and what it sent.

    `theirs` and `mine` are the answers as displayed; `auteur` gave theirs; `raw` is mine as typed;
    `shown` is the mark of what the page showed, `kept` that of theirs.
    """

    theirs: str
    mine: str
    auteur: Auteur | None
    is_same_person: bool
    raw: Any
    shown: str
    kept: str


@dataclass(frozen=True)
class Saved:
    """The outcome of saving one champ: no errors when it was taken.

    `base` is the mark of what the page now shows; with a `conflict` nothing was saved.
    """

    champ: Champ
    errors: list[str]
    base: str = ""
    conflict: Conflict | None = None


def save_reponses(dossier_id: int, data: QueryDict, *, by, champ_ids=None) -> list[Saved]:
    """Merge the posted answers into what is being filled in; return the outcome of each champ.

    Only champs of the dossier's form whose field is in `data`, or that `champ_ids` names (an
    unticked box sends nothing), are touched. A refused value is kept apart, as typed. Where
    `data` has the mark of what the page showed (`base_name`), an answer that was not changed
    there is left alone, and one that somebody else, or another window, changed meanwhile is not
    overwritten: the outcome has the `conflict`, until `choice_name` says whose answer stays.
    Raises PermissionDenied when `by` may not edit, Dossier.DoesNotExist.
    """
    with transaction.atomic():
        dossier = locked_working_copy(dossier_id, by=by)
        is_held = dossier.editable_champ_ids is not None
        may_edit = partial(policies.can_edit_champ, by, dossier) if is_held else None
        outcomes, changed = save_posted(dossier, data, champ_ids, by, may_edit)
        if changed:
            save_working_copy(dossier)
    return outcomes


def save_posted(feuille, data: QueryDict, champ_ids, by, may_edit=None) -> tuple[list[Saved], bool]:
    """Put posted answers into a locked working copy, or its annotations; the caller saves.

    Return the outcome of each champ, and whether anything changed. Champs that `may_edit` does
    not accept are left alone. Raises PermissionDenied when `champ_ids` names one.
    """
    before = (dict(feuille.reponses), dict(feuille.saisies_refusees))
    hidden = _Hidden(feuille)
    outcomes = []
    for champ in feuille.questionnaire.champs:
        if not (champ.holds_answer and _is_posted(champ, data, champ_ids)):
            continue
        if may_edit is not None and not may_edit(champ):
            if champ_ids is not None:
                raise PermissionDenied
            continue
        outcomes.append(_save_one(feuille, champ, data, by, is_hidden=champ.id in hidden.ids))
    return outcomes, (feuille.reponses, feuille.saisies_refusees) != before


def base_name(champ: Champ) -> str:
    """Return the name of the hidden input that holds the mark of what the page showed."""
    return f"base_{champ.id}"


def choice_name(champ: Champ) -> str:
    """Return the name of the choice after a conflict: `TAKE_THEIRS`, or mine over a given mark."""
    return f"choix_{champ.id}"


def base_of(feuille, champ: Champ) -> str:
    """Return the mark of what is kept for `champ`, the refused input included."""
    if champ.id in feuille.saisies_refusees:
        return _mark("refused", feuille.saisies_refusees[champ.id])
    return _mark("stored", feuille.reponses.get(champ.id))


def _mark(kind: str, value) -> str:
    text = json.dumps([kind, value], sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _is_posted(champ: Champ, data: QueryDict, champ_ids) -> bool:
    if champ_ids is not None:
        return champ.id in champ_ids
    return champ.field_name in data or base_name(champ) in data


class _Hidden:
    """The ids of the champs that are not asked, in the face of what was saved so far."""

    def __init__(self, feuille):
        self.feuille = feuille
        conditions = feuille.questionnaire.conditions.values()
        # Only these answers hide something: most saves change none of them.
        self.deciding = {key for found in conditions for item in found for key in item.champ_ids()}
        self._known: tuple[list, frozenset[str]] | None = None

    @property
    def ids(self) -> frozenset[str]:
        """Return them, computed again only when an answer that decides changed."""
        answers = [self.feuille.reponses.get(key) for key in sorted(self.deciding)]
        if self._known is None or self._known[0] != answers:
            self._known = (answers, self.feuille.questionnaire.hidden)
        return self._known[1]


@dataclass(frozen=True)
class _Posted:
    """What was sent for one champ: as typed, as it would be stored, and what is wrong with it."""

    raw: Any
    stored: Any
    errors: list[str]

    @property
    def mark(self) -> str:
        """Return the mark of what would be kept."""
        return _mark("refused", self.raw) if self.errors else _mark("stored", self.stored)


def _save_one(feuille, champ: Champ, data: QueryDict, by, *, is_hidden: bool) -> Saved:
    """Put the posted value of `champ` into the working copy, or aside when it is refused."""
    kept, shown = base_of(feuille, champ), data.get(base_name(champ))
    choice, page = data.get(choice_name(champ)), data.get("page", "")
    if choice == TAKE_THEIRS:
        return Saved(champ, [], base=kept)
    shown = choice or shown
    posted = _read(feuille, champ, data, is_hidden=is_hidden)
    if shown is not None and posted.mark == shown != kept:
        return Saved(champ, posted.errors, base=shown)
    if shown is not None and kept not in (shown, posted.mark):
        auteur = auteur_of(feuille, champ.id)
        if not _is_own(auteur, by, page):
            conflict = _conflict(feuille, champ, posted, auteur, by, shown=shown, kept=kept)
            return Saved(champ, posted.errors, base=shown, conflict=conflict)
    if posted.mark != kept:
        _keep(feuille, champ, posted)
        note_auteur(feuille, champ.id, by=by, page=page)
    return Saved(champ, posted.errors, base=posted.mark)


def _read(feuille, champ: Champ, data: QueryDict, *, is_hidden: bool) -> _Posted:
    field = champ.form_field()
    # What is being filled in may miss anything.
    field.required = champ.required and not feuille.may_be_incomplete and not is_hidden
    raw = field.widget.value_from_datadict(data, {}, champ.field_name)
    try:
        return _Posted(_printable(raw), champ.to_stored(field.clean(raw)), [])
    except ValidationError as error:
        return _Posted(_printable(raw), None, list(error.messages))


def _is_own(auteur: Auteur | None, by, page: str) -> bool:
    """Tell whether this very page saved what is kept: its answer may have been lost on the way."""
    return auteur is not None and bool(page) and (auteur.user_id, auteur.page) == (by.pk, page)


def _conflict(
    feuille, champ: Champ, posted: _Posted, auteur: Auteur | None, by, *, shown: str, kept: str
) -> Conflict:
    refused = feuille.saisies_refusees.get(champ.id)
    theirs = champ.display(feuille.reponses.get(champ.id)) if refused is None else _text(refused)
    mine = _text(posted.raw) if posted.errors else champ.display(posted.stored)
    return Conflict(
        theirs=theirs or NO_ANSWER,
        mine=mine or NO_ANSWER,
        auteur=auteur,
        is_same_person=auteur is not None and auteur.user_id == by.pk,
        raw=posted.raw,
        shown=shown,
        kept=kept,
    )


def _keep(feuille, champ: Champ, posted: _Posted) -> None:
    if posted.errors:
        feuille.saisies_refusees[champ.id] = posted.raw
        return
    feuille.saisies_refusees.pop(champ.id, None)
    if posted.stored is None:
        feuille.reponses.pop(champ.id, None)
    else:
        feuille.reponses[champ.id] = posted.stored


def _text(typed: str | list[str]) -> str:
    return ", ".join(typed) if isinstance(typed, list) else typed


def _printable(raw) -> str | list[str]:
    """Return what was typed in a form PostgreSQL can keep."""
    if isinstance(raw, list):
        return [_printable(item) for item in raw[:REFUSED_ITEMS_MAX]]
    return str(raw or "").replace("\x00", "")[:REFUSED_INPUT_MAX]
