"""Answers of a test dossier whose form changes under them.

A real dossier has a frozen form; a test one shows the draft, in which a champ may at any moment
be another than the one that was answered.
"""

from typing import Any

from django.core.exceptions import ValidationError
from pydantic import JsonValue

from dossiers.models import Dossier
from procedures.champs import Champ
from procedures.questionnaire import Questionnaire


def adapt_reponses(dossier: Dossier) -> Dossier:
    """Make what a test holds readable by its present form, in memory; return the dossier.

    An answer that its champ would not have stored becomes refused input, shown as typed; what
    cannot even be shown is dropped. Real dossiers are left alone.
    """
    if dossier.is_test:
        annotations = dossier.revision.formulaire.of_annotations
        for champ in dossier.questionnaire.champs:
            _adapt(dossier.reponses, dossier.saisies_refusees, champ)
        for champ in Questionnaire(annotations, dossier.annotations).champs:
            _adapt(dossier.annotations, dossier.annotations_refusees, champ)
    return dossier


def _adapt(reponses: dict[str, JsonValue], saisies_refusees: dict[str, Any], champ: Champ) -> None:
    stored = reponses.get(champ.id)
    if stored is not None and not _is_own(champ, stored):
        del reponses[champ.id]
        saisies_refusees.setdefault(champ.id, _as_typed(stored))
    typed = saisies_refusees.get(champ.id)
    if typed is not None and not _may_be_typed(champ, typed):
        del saisies_refusees[champ.id]


def _is_own(champ: Champ, stored: JsonValue) -> bool:
    """Tell whether `champ` itself could have stored this."""
    if champ.is_bloc:
        return isinstance(stored, list)
    if not champ.holds_answer:
        return False
    field = champ.form_field()
    field.required = False
    try:
        return champ.to_stored(field.clean(champ.to_initial(stored))) == stored
    except Exception:  # whatever a champ makes of what is not its own: it is not its own
        return False


def _may_be_typed(champ: Champ, typed: Any) -> bool:
    """Tell whether the field of `champ` can show this and say what is wrong with it."""
    is_text = isinstance(typed, str) or (
        isinstance(typed, list) and all(isinstance(item, str) for item in typed)
    )
    if not (champ.holds_answer and typed and is_text):
        return False
    field = champ.form_field()
    try:
        field.widget.render(champ.field_name, typed, {"id": champ.field_name})
        field.clean(typed)
    except ValidationError:
        return True
    except Exception:  # a field given another's input may raise anything
        return False
    return True


def _as_typed(stored: JsonValue) -> str:
    """Return the text of an answer; nothing of what was not typed, a box or a structure."""
    items = stored if isinstance(stored, list) else [stored]
    return ", ".join(
        str(item)
        for item in items
        if isinstance(item, str | int | float) and not isinstance(item, bool)
    )
