"""Saving answers, champ by champ under the row lock, so that two people may fill in at once."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import QueryDict
from django.utils import timezone

from dossiers import policies
from dossiers.models import Dossier
from dossiers.search import refresh_search_text
from procedures.champs import Champ


@dataclass(frozen=True)
class Saved:
    """The outcome of saving one champ: no errors when it was taken."""

    champ: Champ
    errors: list[str]


def save_reponses(dossier_id: int, data: QueryDict, *, by, champ_ids=None) -> list[Saved]:
    """Merge the posted answers into the dossier and return the outcome of each champ.

    Only champs of the dossier's revision whose field is in `data`, or that `champ_ids` names
    (an unticked box sends nothing), are touched. A refused value is kept apart, as typed.
    Raises PermissionDenied when `by` may not edit, Dossier.DoesNotExist.
    """
    with transaction.atomic():
        dossier = (
            Dossier.objects.select_for_update(of=("self",))
            .select_related("usager", "etablissement", "procedure", "revision")
            .get(pk=dossier_id)
        )
        if not policies.can_edit(by, dossier):
            raise PermissionDenied
        outcomes = [
            _save_one(dossier, champ, data)
            for champ in dossier.revision.formulaire.champs
            if champ.holds_answer and _is_posted(champ, data, champ_ids)
        ]
        if outcomes:
            dossier.updated_at = timezone.now()
            refresh_search_text(dossier)
            dossier.save(
                update_fields=["reponses", "saisies_refusees", "updated_at", "search_text"]
            )
    return outcomes


def _is_posted(champ: Champ, data: QueryDict, champ_ids) -> bool:
    if champ_ids is not None:
        return champ.id in champ_ids
    return champ.field_name in data


def _save_one(dossier: Dossier, champ: Champ, data: QueryDict) -> Saved:
    """Put the posted value of `champ` into the dossier, or aside when it is refused."""
    field = champ.form_field()
    # An empty answer is allowed in a brouillon; once submitted, a required one must stay.
    field.required = champ.required and not dossier.is_brouillon
    raw = field.widget.value_from_datadict(data, {}, champ.field_name)
    try:
        stored = champ.to_stored(field.clean(raw))
    except ValidationError as error:
        dossier.saisies_refusees[champ.id] = _printable(raw)
        return Saved(champ, list(error.messages))
    dossier.saisies_refusees.pop(champ.id, None)
    if stored is None:
        dossier.reponses.pop(champ.id, None)
    else:
        dossier.reponses[champ.id] = stored
    return Saved(champ, [])


REFUSED_INPUT_MAX = 30_000


def _printable(raw) -> str | list[str]:
    """Return what was typed in a form PostgreSQL can keep."""
    if isinstance(raw, list):
        return [_printable(item) for item in raw[:100]]
    return str(raw or "").replace("\x00", "")[:REFUSED_INPUT_MAX]
