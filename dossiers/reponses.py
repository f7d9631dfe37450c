"""Saving answers, champ by champ under the row lock, so that two people may fill in at once."""

import hashlib
import json
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import QueryDict
from django.utils import timezone

from dossiers import policies
from dossiers.locks import locked_dossier
from dossiers.models import Dossier
from dossiers.search import refresh_search_text
from procedures.champs import Champ

REFUSED_INPUT_MAX = 30_000
REFUSED_ITEMS_MAX = 100


@dataclass(frozen=True)
class Saved:
    """The outcome of saving one champ: no errors when it was taken.

    `replaced` is the answer, as displayed, that somebody else had given since the page was
    shown and that this one took the place of; `base` is the mark of what is now kept.
    """

    champ: Champ
    errors: list[str]
    replaced: str = ""
    base: str = ""


def save_reponses(dossier_id: int, data: QueryDict, *, by, champ_ids=None) -> list[Saved]:
    """Merge the posted answers into the dossier and return the outcome of each champ.

    Only champs of the dossier's revision whose field is in `data`, or that `champ_ids` names
    (an unticked box sends nothing), are touched. A refused value is kept apart, as typed. Where
    `data` has the mark of what the page showed (`base_name`), an answer that was not changed
    there is left alone, so that an old page never undoes what another one saved.
    Raises PermissionDenied when `by` may not edit, Dossier.DoesNotExist.
    """
    with transaction.atomic():
        dossier = locked_dossier(dossier_id, "usager", "etablissement", "procedure", "revision")
        if not policies.can_edit(by, dossier):
            raise PermissionDenied
        outcomes, changed = save_posted(dossier, data, champ_ids)
        if changed:
            dossier.updated_at = timezone.now()
            refresh_search_text(dossier)
            dossier.save(
                update_fields=["reponses", "saisies_refusees", "updated_at", "search_text"]
            )
    return outcomes


def save_posted(feuille, data: QueryDict, champ_ids) -> tuple[list[Saved], bool]:
    """Put posted answers into a locked dossier, or its annotations; the caller saves.

    Return the outcome of each champ, and whether anything changed.
    """
    before = (dict(feuille.reponses), dict(feuille.saisies_refusees))
    hidden = _Hidden(feuille)
    outcomes = [
        _save_one(feuille, champ, data, is_hidden=champ.id in hidden.ids)
        for champ in feuille.questionnaire.champs
        if champ.holds_answer and _is_posted(champ, data, champ_ids)
    ]
    return outcomes, (feuille.reponses, feuille.saisies_refusees) != before


def base_name(champ: Champ) -> str:
    """Return the name of the hidden input that holds the mark of what the page showed."""
    return f"base_{champ.id}"


def base_of(dossier: Dossier, champ: Champ) -> str:
    """Return the mark of what is kept for `champ`, the refused input included."""
    if champ.id in dossier.saisies_refusees:
        return _mark("refused", dossier.saisies_refusees[champ.id])
    return _mark("stored", dossier.reponses.get(champ.id))


def _mark(kind: str, value) -> str:
    text = json.dumps([kind, value], sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _is_posted(champ: Champ, data: QueryDict, champ_ids) -> bool:
    if champ_ids is not None:
        return champ.id in champ_ids
    return champ.field_name in data or base_name(champ) in data


class _Hidden:
    """The ids of the champs that are not asked, in the face of what was saved so far."""

    def __init__(self, dossier: Dossier):
        self.dossier = dossier
        conditions = dossier.questionnaire.conditions.values()
        # Only these answers hide something: most saves change none of them.
        self.deciding = {key for found in conditions for item in found for key in item.champ_ids()}
        self._known: tuple[list, frozenset[str]] | None = None

    @property
    def ids(self) -> frozenset[str]:
        """Return them, computed again only when an answer that decides changed."""
        answers = [self.dossier.reponses.get(key) for key in sorted(self.deciding)]
        if self._known is None or self._known[0] != answers:
            self._known = (answers, self.dossier.questionnaire.hidden)
        return self._known[1]


def _save_one(dossier: Dossier, champ: Champ, data: QueryDict, *, is_hidden: bool) -> Saved:
    """Put the posted value of `champ` into the dossier, or aside when it is refused."""
    field = champ.form_field()
    # An empty answer is allowed in a brouillon; once submitted, a required one must stay.
    field.required = champ.required and not dossier.is_brouillon and not is_hidden
    raw = field.widget.value_from_datadict(data, {}, champ.field_name)
    errors, stored = [], None
    try:
        stored = champ.to_stored(field.clean(raw))
        posted = _mark("stored", stored)
    except ValidationError as error:
        errors = list(error.messages)
        posted = _mark("refused", _printable(raw))
    kept, shown = base_of(dossier, champ), data.get(base_name(champ))
    if shown is not None and posted == shown:
        return Saved(champ, errors, base=kept)
    replaced = ""
    if shown is not None and shown != kept and posted != kept:
        replaced = champ.display(dossier.reponses.get(champ.id))
    _keep(dossier, champ, raw, stored, is_refused=bool(errors))
    return Saved(champ, errors, replaced=replaced, base=posted)


def _keep(dossier: Dossier, champ: Champ, raw, stored, *, is_refused: bool) -> None:
    if is_refused:
        dossier.saisies_refusees[champ.id] = _printable(raw)
        return
    dossier.saisies_refusees.pop(champ.id, None)
    if stored is None:
        dossier.reponses.pop(champ.id, None)
    else:
        dossier.reponses[champ.id] = stored


def _printable(raw) -> str | list[str]:
    """Return what was typed in a form PostgreSQL can keep."""
    if isinstance(raw, list):
        return [_printable(item) for item in raw[:REFUSED_ITEMS_MAX]]
    return str(raw or "").replace("\x00", "")[:REFUSED_INPUT_MAX]
