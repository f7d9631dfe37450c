"""When a champ is asked, and what makes a dossier ineligible."""

from django.core.exceptions import ValidationError
from django.db import transaction

from procedures import revisions
from procedures.builder.edition import Edited, editing_of, find
from procedures.conditions import Condition, Ineligibilite
from procedures.conditions.controle import problems_of_condition
from procedures.models import Procedure, Revision
from procedures.part import CHAMPS, Part


def set_condition(
    procedure: Procedure, champ_id: str, condition: Condition | None, *, part: Part = CHAMPS
) -> Edited:
    """Say when a champ is asked, None for always.

    Raises ChampNotFound, ValidationError naming each impossible rule.
    """
    with editing_of(procedure, part) as editing:
        _, champ = find(editing.formulaire, champ_id)
        if condition is not None:
            problems = problems_of_condition(editing.formulaire, condition, champ)
            if problems:
                raise ValidationError(problems)
        editing.replace_one(champ.model_copy(update={"condition": condition}))
    return editing.edited(champ_id)


def set_ineligibilites(procedure: Procedure, rules: list[Ineligibilite]) -> Revision:
    """Replace the rules of ineligibility.

    Raises ValidationError naming each impossible comparison of those that are new or changed.
    """
    with transaction.atomic():
        draft = revisions.draft_of(procedure, lock=True)
        problems = [
            problem
            for rule in rules
            if rule not in draft.formulaire.ineligibilites
            for problem in problems_of_condition(draft.formulaire, rule.condition, None)
        ]
        if problems:
            raise ValidationError(list(dict.fromkeys(problems)))
        draft.set_formulaire(draft.formulaire.changed(ineligibilites=rules))
        draft.save(update_fields=["document", "updated_at"])
    return draft
