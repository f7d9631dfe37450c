"""Which rules are possible: what a condition may compare, and what is wrong with one."""

from procedures.champs import Champ
from procedures.conditions.regle import Condition, Operator, Regle
from procedures.formulaire import Formulaire


def comparable_champs(formulaire: Formulaire, asking: Champ | None) -> list[Champ]:
    """Return the champs that a condition of `asking` may compare: earlier ones, asked once.

    Within a bloc, also the earlier champs of the same row. With None, for the rules of
    ineligibility, every champ that is asked once.
    """
    champs = []
    for champ in formulaire.champs:
        if asking is not None and champ.id == asking.id:
            break
        is_asked_once = champ.bloc is None
        is_beside = asking is not None and asking.bloc is not None and champ.bloc == asking.bloc
        if champ.operators and (is_asked_once or is_beside):
            champs.append(champ)
    return champs


def problems_of_condition(
    formulaire: Formulaire, condition: Condition, asking: Champ | None
) -> list[str]:
    """Return why each impossible rule of a condition is so, in French; empty when all are fine."""
    allowed = {champ.id: champ for champ in comparable_champs(formulaire, asking)}
    problems = (_problem_of(formulaire, regle, allowed, asking) for regle in condition.regles)
    return list(dict.fromkeys(problem for problem in problems if problem))


def problems_of_formulaire(formulaire: Formulaire) -> list[tuple[Champ | None, str]]:
    """Return the impossible rules of a form: their champ (None: ineligibility) and why."""
    problems: list[tuple[Champ | None, str]] = []
    for champ in formulaire.champs:
        if champ.condition:
            found = problems_of_condition(formulaire, champ.condition, champ)
            problems.extend((champ, problem) for problem in found)
    for rule in formulaire.ineligibilites:
        found = problems_of_condition(formulaire, rule.condition, None)
        problems.extend((None, problem) for problem in found)
    return problems


def _problem_of(
    formulaire: Formulaire, regle: Regle, allowed: dict[str, Champ], asking: Champ | None
) -> str:
    compared = formulaire.by_id.get(regle.champ)
    if compared is None:
        return "La condition porte sur un champ qui a été supprimé."
    if regle.champ not in allowed:
        return _why_refused(compared, asking)
    if regle.operator not in compared.operators:
        return f"« {compared.label} » ne se compare pas ainsi : « {regle.operator.label} »."
    if not regle.operator.takes_operand:
        return ""
    if not regle.values or (regle.operator is not Operator.IS_ONE_OF and len(regle.values) > 1):
        return f"Indiquez à quoi « {compared.label} » est comparé."
    for text in regle.values:
        try:
            compared.read_operand(text)
        except (ValueError, ArithmeticError):
            return f"« {text} » n’est plus une réponse possible à « {compared.label} »."
    return ""


def _why_refused(compared: Champ, asking: Champ | None) -> str:
    if asking is not None and compared.id == asking.id:
        return "Un champ ne peut pas dépendre de sa propre réponse."
    if not compared.operators:
        return f"La réponse à « {compared.label} » ne se compare pas."
    if compared.bloc is not None and (asking is None or compared.bloc != asking.bloc):
        return (
            f"« {compared.label} » est dans un bloc répétable : "
            "seuls les champs du même bloc peuvent en dépendre."
        )
    return f"« {compared.label} » vient après : une condition porte sur un champ qui précède."
