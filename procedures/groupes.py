"""The groupes of a procédure: made, ordered, given rules, and what is wrong with those."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Max

from procedures.champs import Champ
from procedures.conditions import Condition, Mode, Operator, Regle
from procedures.conditions.controle import comparable_champs, problems_of_condition
from procedures.conditions.explication import condition_in_words
from procedures.formulaire import Formulaire
from procedures.models import GROUPE_NAME_MAX, Groupe, Procedure
from procedures.revisions import editable_revision

GROUPES_MAX = 300
TOO_MANY = f"Une procédure a au plus {GROUPES_MAX} groupes."


def groupes_of(procedure: Procedure):
    """Return the groupes in the order their rules are read, the default one last.

    With `members_count`.
    """
    return (
        Groupe.objects.filter(procedure=procedure)
        .annotate(members_count=Count("affectations"))
        .order_by("is_default", "position", "pk")
    )


def may_have_rules(procedure: Procedure) -> bool:
    """Tell whether there is anything to choose: more than the default groupe."""
    return Groupe.objects.filter(procedure=procedure, is_default=False).exists()


def create_groupe(procedure: Procedure, name: str, *, rule: Condition | None = None) -> Groupe:
    """Add a groupe, whose rule is read after all others. Raises ValidationError."""
    with transaction.atomic():
        _lock(procedure)
        if Groupe.objects.filter(procedure=procedure).count() >= GROUPES_MAX:
            raise ValidationError(TOO_MANY)
        last = Groupe.objects.filter(procedure=procedure).aggregate(last=Max("position"))["last"]
        groupe = Groupe(
            procedure=procedure,
            name=name,
            rule=rule.model_dump(mode="json") if rule else None,
            position=(last or 0) + 1,
        )
        groupe.validate_unique()
        groupe.validate_constraints()
        groupe.save()
    return groupe


def move_groupe(groupe: Groupe, *, up: bool) -> None:
    """Let the rule of a groupe be read one place earlier, or later; at an end, nothing changes."""
    with transaction.atomic():
        _lock(groupe.procedure)
        others = Groupe.objects.filter(procedure_id=groupe.procedure_id, is_default=False)
        ordered = list(others.order_by("position", "pk"))
        at = next((at for at, other in enumerate(ordered) if other.pk == groupe.pk), None)
        to = None if at is None else at + (-1 if up else 1)
        if to is None or not 0 <= to < len(ordered):
            return
        ordered[at], ordered[to] = ordered[to], ordered[at]
        for position, other in enumerate(ordered, start=1):
            other.position = position
        Groupe.objects.bulk_update(ordered, ["position"])


def set_rule(groupe: Groupe, rule: Condition | None) -> None:
    """Say which dossiers go to a groupe, None for none.

    Raises ValidationError for the default groupe, and naming each impossible comparison.
    """
    if groupe.is_default:
        raise ValidationError("Le groupe par défaut n’a pas de règle : il reçoit tout le reste.")
    if rule is not None:
        problems = problems_of_condition(formulaire_of(groupe.procedure), rule, None)
        if problems:
            raise ValidationError(problems)
    groupe.rule = rule.model_dump(mode="json") if rule else None
    groupe.save(update_fields=["rule"])


def formulaire_of(procedure: Procedure) -> Formulaire:
    """Return the form that rules speak of: the published one, the draft before."""
    revision = procedure.published_revision or editable_revision(procedure)
    return revision.formulaire


def rules_mark(procedure: Procedure) -> str:
    """Return what changes whenever the rules of a procédure, or their order, do."""
    groupes = Groupe.objects.filter(procedure=procedure).order_by("is_default", "position", "pk")
    rules = [[pk, rule] for pk, rule in groupes.values_list("pk", "rule")]
    return hashlib.sha256(json.dumps(rules, sort_keys=True).encode()).hexdigest()


# --- what is wrong ------------------------------------------------------------------------------


@dataclass(frozen=True)
class ExplainedGroupe:
    """A groupe as its administrateur reads it: its rule in words, and what is wrong with it."""

    groupe: Groupe
    words: str
    problems: list[str]


def explain(groupes: Sequence[Groupe], formulaire: Formulaire) -> list[ExplainedGroupe]:
    """Return the groupes, given in the order of their rules, with their rules in words."""
    explained, before = [], []
    for groupe in groupes:
        rule = Condition.model_validate(groupe.rule) if groupe.rule else None
        words, problems = "", []
        if rule is not None:
            words = condition_in_words(rule, formulaire.by_id)
            problems = problems_of_condition(formulaire, rule, None)
            if not problems:
                problems = _never_reached(rule, before)
            before.append((groupe, rule))
        explained.append(ExplainedGroupe(groupe, words, problems))
    return explained


def problems_at_publication(procedure: Procedure, formulaire: Formulaire) -> list[str]:
    """Return the rules that a form being published would make impossible, in French."""
    ruled = Groupe.objects.filter(procedure=procedure).exclude(rule=None)
    return [
        f"« {groupe} » : {problem}"
        for groupe in ruled.order_by("position", "pk")
        for problem in problems_of_condition(
            formulaire, Condition.model_validate(groupe.rule), None
        )
    ]


def _never_reached(rule: Condition, before: list[tuple[Groupe, Condition]]) -> list[str]:
    """Say which earlier groupes take all that a rule would, as far as single answers tell."""
    for groupe, earlier in before:
        if earlier == rule:
            return [f"C’est déjà la règle de « {groupe} », qui passe avant : aucun dossier n’y va."]
    taken: dict[str, dict[str, Groupe]] = defaultdict(dict)
    filled: dict[str, Groupe] = {}
    for groupe, earlier in before:
        if len(earlier.regles) == 1 or earlier.mode == Mode.ANY:
            for regle in earlier.regles:
                if regle.operator in (Operator.IS, Operator.IS_ONE_OF):
                    for value in regle.values:
                        taken[regle.champ].setdefault(value, groupe)
                elif regle.operator is Operator.IS_FILLED:
                    filled.setdefault(regle.champ, groupe)
    takers = [_takers(regle, taken, filled) for regle in rule.regles]
    covered = all(takers) if rule.mode == Mode.ANY else any(takers)
    if not covered:
        return []
    names = dict.fromkeys(str(groupe) for found in takers for groupe in found or [])
    return [f"Ces réponses vont déjà à {_quoted(list(names))}, avant : aucun dossier n’y va."]


def _takers(regle: Regle, taken, filled) -> list[Groupe]:
    """Return the earlier groupes that take every answer a comparison names; empty if some do not.

    A comparison that is not with given answers is never said to be covered, but by « a une
    réponse ».
    """
    if regle.champ in filled and regle.operator is not Operator.IS_EMPTY:
        if regle.operator not in (Operator.IS_NOT, Operator.LACKS):
            return [filled[regle.champ]]
        return []
    if regle.operator not in (Operator.IS, Operator.IS_ONE_OF):
        return []
    found = [taken[regle.champ].get(value) for value in regle.values]
    return found if found and all(found) else []


def _quoted(names: list[str]) -> str:
    shown = [f"« {name} »" for name in names[:3]]
    return ", ".join(shown) + (" et d’autres" if len(names) > 3 else "")


# --- made from a champ --------------------------------------------------------------------------


def wizard_champs(formulaire: Formulaire) -> list[Champ]:
    """Return the champs each answer of which may make a groupe: those of one choice in a list."""
    return [
        champ
        for champ in comparable_champs(formulaire, None)
        if Operator.IS in champ.operators
        and 1 < len(champ.operand_choices()) < GROUPES_MAX
        and champ.comparison_kind != "tick"
    ]


def values_to_make(
    champ: Champ, groupes: Sequence[Groupe], chosen: Sequence[str] | None = None
) -> list[tuple[str, str]]:
    """Return the answers (value, name) that no rule of these groupes alone already takes."""
    known = set()
    for groupe in groupes:
        rule = Condition.model_validate(groupe.rule) if groupe.rule else None
        if rule is not None and (len(rule.regles) == 1 or rule.mode == Mode.ANY):
            for regle in rule.regles:
                if regle.champ == champ.id and regle.operator in (Operator.IS, Operator.IS_ONE_OF):
                    known.update(regle.values)
    return [
        (value, label)
        for value, label in champ.operand_choices()
        if value and value not in known and (chosen is None or value in chosen)
    ]


def create_from_champ(
    procedure: Procedure, champ: Champ, chosen: Sequence[str] | None = None
) -> list[Groupe]:
    """Make a groupe of each answer to a champ that has none yet, all or none; return them.

    One whose name a groupe already has and that has no rule is given the rule. Raises
    ValidationError.
    """
    with transaction.atomic():
        _lock(procedure)
        present = list(groupes_of(procedure))
        made = []
        by_name = {groupe.name: groupe for groupe in present}
        for value, label in values_to_make(champ, present, chosen):
            rule = Condition(regles=[Regle(champ=champ.id, operator=Operator.IS, values=[value])])
            name = label[:GROUPE_NAME_MAX].strip()
            existing = by_name.get(name)
            if existing is not None and existing.rule is None and not existing.is_default:
                existing.rule = rule.model_dump(mode="json")
                existing.save(update_fields=["rule"])
                made.append(existing)
            else:
                free = _free_name(name, by_name)
                by_name[free] = create_groupe(procedure, free, rule=rule)
                made.append(by_name[free])
    return made


def _free_name(name: str, taken: Mapping[str, Groupe]) -> str:
    number, free = 2, name
    while free in taken:
        suffix = f" ({number})"
        free, number = f"{name[: GROUPE_NAME_MAX - len(suffix)]}{suffix}", number + 1
    return free


def _lock(procedure: Procedure) -> None:
    Procedure.objects.select_for_update(of=("self",)).get(pk=procedure.pk)
