"""Conditions said in plain French."""

from collections.abc import Mapping

from procedures.champs import Champ
from procedures.conditions.regle import Condition, Mode, Operator, Regle

GONE = "un champ supprimé"


def regle_in_words(regle: Regle, champs: Mapping[str, Champ]) -> str:
    """Return a rule as the end of « lorsque … »: `« Statut » est « Association »`."""
    champ = champs.get(regle.champ)
    name = f"« {champ.label} »" if champ else GONE
    sentence = f"{name} {Operator(regle.operator).label}"
    if not regle.operator.takes_operand:
        return sentence
    shown = [f"« {_operand(champ, text)} »" for text in regle.values]
    return f"{sentence} {_enumerated(shown, 'ou')}"


def condition_in_words(condition: Condition, champs: Mapping[str, Champ]) -> str:
    """Return a condition as the end of « lorsque … »."""
    word = "et" if condition.mode == Mode.ALL else "ou"
    return _enumerated([regle_in_words(regle, champs) for regle in condition.regles], word)


def _operand(champ: Champ | None, text: str) -> str:
    try:
        return champ.display_operand(text) if champ else text
    except (ValueError, ArithmeticError):
        return text


def _enumerated(parts: list[str], word: str) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}"
