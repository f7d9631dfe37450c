"""What a condition is made of, as the document of a form holds it."""

from typing import Annotated

from django.db import models
from pydantic import BaseModel, ConfigDict, Field

REGLES_MAX = 20
OPERANDS_MAX = 100
OPERAND_MAX = 300
MESSAGE_MAX = 1000

Operand = Annotated[str, Field(max_length=OPERAND_MAX)]


class Operator(models.TextChoices):
    """How an answer is compared; the labels end the sentence « Lorsque <champ> … »."""

    IS = "est", "est"
    IS_NOT = "n_est_pas", "n’est pas"
    IS_ONE_OF = "parmi", "est l’une de ces réponses :"
    CONTAINS = "contient", "contient"
    LACKS = "ne_contient_pas", "ne contient pas"
    GREATER = "superieur", "est supérieur à"
    AT_LEAST = "au_moins", "est au moins égal à"
    LESS = "inferieur", "est inférieur à"
    AT_MOST = "au_plus", "est au plus égal à"
    AFTER = "apres", "est après le"
    BEFORE = "avant", "est avant le"
    IS_EMPTY = "vide", "n’a pas de réponse"
    IS_FILLED = "rempli", "a une réponse"

    @property
    def takes_operand(self) -> bool:
        """Tell whether the answer is compared with something."""
        return self not in (Operator.IS_EMPTY, Operator.IS_FILLED)


class Mode(models.TextChoices):
    """How many rules of a condition must hold."""

    ALL = "toutes", "toutes ces règles sont vraies"
    ANY = "une", "au moins une de ces règles est vraie"


class Regle(BaseModel):
    """One comparison of the answer to an earlier champ.

    `values` are texts that the type of that champ reads: one, or several for `IS_ONE_OF`, none
    for the operators that compare with nothing.
    """

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    champ: Annotated[str, Field(pattern=r"^[a-z0-9]{3,32}$")]
    operator: Operator
    values: list[Operand] = Field(default_factory=list, max_length=OPERANDS_MAX)


class Condition(BaseModel):
    """Rules of which all, or one, must hold."""

    model_config = ConfigDict(extra="forbid")

    mode: Mode = Mode.ALL
    regles: list[Regle] = Field(min_length=1, max_length=REGLES_MAX)

    def champ_ids(self) -> set[str]:
        """Return the ids of the champs whose answers are compared."""
        return {regle.champ for regle in self.regles}


class Ineligibilite(BaseModel):
    """A condition under which a dossier cannot be submitted, and what its usager is told."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    id: Annotated[str, Field(pattern=r"^[a-z0-9]{3,32}$")]
    condition: Condition
    message: str = Field(min_length=1, max_length=MESSAGE_MAX)
