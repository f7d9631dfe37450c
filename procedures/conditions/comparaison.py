"""How answers are compared with what a rule names."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

from procedures.conditions.regle import Operator

# What an answer is reduced to before it is compared.
Comparable = str | Decimal | date | datetime | bool | frozenset[str]

OF_TEXT = (
    Operator.IS, Operator.IS_NOT, Operator.CONTAINS, Operator.LACKS,
    Operator.IS_EMPTY, Operator.IS_FILLED,
)  # fmt: skip
OF_NUMBER = (
    Operator.IS, Operator.IS_NOT, Operator.GREATER, Operator.AT_LEAST, Operator.LESS,
    Operator.AT_MOST, Operator.IS_EMPTY, Operator.IS_FILLED,
)  # fmt: skip
OF_DATE = (
    Operator.IS, Operator.IS_NOT, Operator.AFTER, Operator.BEFORE,
    Operator.IS_EMPTY, Operator.IS_FILLED,
)  # fmt: skip
OF_CHOICE = (
    Operator.IS, Operator.IS_NOT, Operator.IS_ONE_OF, Operator.IS_EMPTY, Operator.IS_FILLED,
)  # fmt: skip
OF_CHOICES = (Operator.CONTAINS, Operator.LACKS, Operator.IS_EMPTY, Operator.IS_FILLED)
OF_BOOLEAN = (Operator.IS, Operator.IS_EMPTY, Operator.IS_FILLED)
OF_TICK = (Operator.IS,)
OF_PRESENCE = (Operator.IS_EMPTY, Operator.IS_FILLED)

_COMPARISONS: dict[Operator, Callable[[Comparable, list[Comparable]], bool]] = {
    Operator.IS: lambda answer, operands: answer == operands[0],
    Operator.IS_NOT: lambda answer, operands: answer != operands[0],
    Operator.IS_ONE_OF: lambda answer, operands: answer in operands,
    Operator.CONTAINS: lambda answer, operands: operands[0] in answer,
    Operator.LACKS: lambda answer, operands: operands[0] not in answer,
    Operator.GREATER: lambda answer, operands: answer > operands[0],
    Operator.AFTER: lambda answer, operands: answer > operands[0],
    Operator.AT_LEAST: lambda answer, operands: answer >= operands[0],
    Operator.LESS: lambda answer, operands: answer < operands[0],
    Operator.BEFORE: lambda answer, operands: answer < operands[0],
    Operator.AT_MOST: lambda answer, operands: answer <= operands[0],
}


def compare(answer: Comparable | None, operator: Operator, operands: list[Comparable]) -> bool:
    """Tell whether a rule holds; without an answer, only « n’a pas de réponse » does."""
    if operator is Operator.IS_EMPTY:
        return answer is None
    if answer is None:
        return False
    if operator is Operator.IS_FILLED:
        return True
    return _COMPARISONS[operator](answer, operands)
