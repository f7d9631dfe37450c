"""Rules of ineligibility, saved and taken away one at a time under the draft's row lock."""

from django.db import transaction

from procedures import revisions
from procedures.builder import set_ineligibilites
from procedures.conditions import Ineligibilite
from procedures.models import Procedure, Revision


def save_rule(procedure: Procedure, rule: Ineligibilite) -> Revision:
    """Put a rule in the place of the one of its id, else at the end.

    Raises ValidationError naming each impossible comparison.
    """
    with transaction.atomic():
        rules = list(revisions.draft_of(procedure, lock=True).formulaire.ineligibilites)
        places = [place for place, other in enumerate(rules) if other.id == rule.id]
        if places:
            rules[places[0]] = rule
        else:
            rules.append(rule)
        return set_ineligibilites(procedure, rules)


def delete_rule(procedure: Procedure, rule_id: str) -> Revision:
    """Take a rule away; one that is gone already stays so."""
    with transaction.atomic():
        rules = revisions.draft_of(procedure, lock=True).formulaire.ineligibilites
        return set_ineligibilites(procedure, [rule for rule in rules if rule.id != rule_id])
