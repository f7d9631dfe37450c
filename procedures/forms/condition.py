"""The sentence by which an administrateur says when a champ is asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django import forms
from django.core.exceptions import ValidationError

from commun.forms import LongSelect
from procedures.champs import Champ
from procedures.conditions import Condition, Mode, Operator, Regle
from procedures.conditions.controle import comparable_champs, problems_of_condition
from procedures.conditions.regle import OPERAND_MAX, OPERANDS_MAX, REGLES_MAX
from procedures.formulaire import Formulaire

ALWAYS, WHEN = "toujours", "lorsque"
IMPOSSIBLE = "ne convient plus"


@dataclass(frozen=True)
class Typed:
    """A rule as it stands on the page, right or wrong."""

    champ: str = ""
    operator: str = ""
    values: list[str] = field(default_factory=list)


class RegleForm(forms.Form):
    """One rule: a champ, how its answer is compared, with what.

    `regle` is the rule once complete; else `problem` says what is wrong, or is empty while the
    row only waits to be filled in.
    """

    def __init__(
        self, typed: Typed, number: int, formulaire: Formulaire, asking: Champ | None, allowed
    ):
        super().__init__(prefix=f"regle-{number}", auto_id="%s", label_suffix="")
        self.typed, self.number = typed, number
        self.compared: Champ | None = allowed.get(typed.champ)
        self.regle: Regle | None = None
        self.problem = ""
        self.is_blank = not typed.champ
        self._add_fields(formulaire, allowed)
        if typed.champ:
            self._read(formulaire, asking)
        if self.problem:
            self._point_at_problem()

    @property
    def rank(self) -> int:
        """Return its place as a person counts."""
        return self.number + 1

    @property
    def champ_field(self) -> forms.BoundField:
        """Return the field of the compared champ."""
        return self["champ"]

    @property
    def operator_field(self) -> forms.BoundField:
        """Return the field of the comparison; `operator` is the comparison itself."""
        return self["operator"]

    @property
    def operand(self) -> forms.BoundField | None:
        """Return the field of what the answer is compared with, None where there is none."""
        return self["values"] if "values" in self.fields else None

    @property
    def several(self) -> bool:
        """Tell whether the answer is compared with several others."""
        return isinstance(self.fields.get("values"), forms.MultipleChoiceField)

    @property
    def problem_id(self) -> str:
        """Return the id of the element that says what is wrong."""
        return f"{self.prefix}-probleme"

    @property
    def operator(self) -> Operator | None:
        """Return how the answer is compared, the first way where none was chosen."""
        if self.compared is None:
            return None
        operators = {operator.value: operator for operator in self.compared.operators}
        return operators.get(self.typed.operator, self.compared.operators[0])

    def _add_fields(self, formulaire: Formulaire, allowed: Mapping[str, Champ]) -> None:
        choices = [("", "Choisissez une question")]
        choices += [(champ.id, champ.label) for champ in allowed.values()]
        if self.typed.champ and self.compared is None:
            known = formulaire.by_id.get(self.typed.champ)
            label = known.label if known else "Un champ supprimé"
            choices.append((self.typed.champ, f"{label} ({IMPOSSIBLE})"))
        self.fields["champ"] = forms.ChoiceField(
            label=f"Question de la règle {self.rank}",
            choices=choices,
            initial=self.typed.champ,
            widget=LongSelect({"class": "fr-select"}),
        )
        if self.compared is None:
            return
        self.fields["operator"] = forms.ChoiceField(
            label=f"Comparaison de la règle {self.rank}",
            choices=[(operator.value, operator.label) for operator in self.compared.operators],
            initial=self.operator.value,
            widget=LongSelect({"class": "fr-select"}),
        )
        if self.operator.takes_operand:
            self.fields["values"] = self._operand_field()

    def _operand_field(self) -> forms.Field:
        label, choices = f"Réponse de la règle {self.rank}", self.compared.operand_choices()
        values = [value for value in self.typed.values if value]
        if not choices:
            shown = values[0] if values else ""
            widget = forms.TextInput({"maxlength": OPERAND_MAX})
            if self.compared.comparison_kind == "date":
                widget, shown = (
                    self.compared.unbounded_field().widget,
                    self.compared.to_initial(shown) if shown else "",
                )
            widget.attrs |= {"class": "fr-input", "autocomplete": "off"}
            return forms.CharField(label=label, initial=shown, widget=widget)
        known = dict(choices)
        choices = [
            *choices,
            *((value, f"{value} ({IMPOSSIBLE})") for value in values if value not in known),
        ]
        if self.operator is Operator.IS_ONE_OF:
            return forms.MultipleChoiceField(
                label=label, choices=choices, initial=values, widget=forms.CheckboxSelectMultiple
            )
        return forms.ChoiceField(
            label=label,
            choices=[("", "Choisissez une réponse"), *choices],
            initial=values[0] if values else "",
            widget=LongSelect({"class": "fr-select"}),
        )

    def _read(self, formulaire: Formulaire, asking: Champ | None) -> None:
        """Make the rule, or say what is wrong with it."""
        if self.compared is None:
            self.problem = _why_refused(formulaire, self.typed.champ, asking)
            return
        values = []
        if self.operator.takes_operand:
            if not any(value.strip() for value in self.typed.values):
                return  # waiting for an answer
            try:
                values = self._cleaned_values()
            except ValidationError as error:
                self.problem = " ".join(error.messages)
                return
        regle = Regle(champ=self.compared.id, operator=self.operator, values=values)
        problems = problems_of_condition(formulaire, Condition(regles=[regle]), asking)
        self.problem = " ".join(problems)
        self.regle = None if problems else regle

    def _cleaned_values(self) -> list[str]:
        values = self.typed.values
        if self.operator is not Operator.IS_ONE_OF:
            values = values[:1]
        if len(values) > OPERANDS_MAX:
            raise ValidationError(f"Choisissez {OPERANDS_MAX} réponses au plus.")
        for value in values:
            if value and value not in dict(self.compared.operand_choices() or [(value, "")]):
                raise ValidationError(
                    f"« {value} » n’est plus une réponse possible à « {self.compared.label} »."
                )
        plain = forms.CharField(max_length=OPERAND_MAX, strip=False)
        return [self.compared.clean_operand(plain.clean(value)) for value in values]

    def _point_at_problem(self) -> None:
        """Tie each control of the row to the message under it."""
        for name, control in self.fields.items():
            wrong = {"aria-describedby": self.problem_id}
            if name == "values" or len(self.fields) == 1:
                wrong["aria-invalid"] = "true"
            control.widget.attrs |= wrong


class ConditionForm:
    """When something holds: always, or when rules do; read from `data`, else from `condition`.

    `asking` is the champ that is shown, None for a rule of ineligibility, which holds never
    without rules.
    """

    def __init__(
        self,
        formulaire: Formulaire,
        asking: Champ | None,
        *,
        condition: Condition | None = None,
        data=None,
    ):
        self.asking = asking
        allowed = {champ.id: champ for champ in comparable_champs(formulaire, asking)}
        self.may_compare = bool(allowed)
        if data is None:
            self.is_conditional = condition is not None or asking is None
            self.mode = condition.mode if condition else Mode.ALL
            typed = [_typed(regle, allowed) for regle in condition.regles] if condition else []
        else:
            self.is_conditional = asking is None or data.get("affichage") == WHEN
            self.mode = Mode.ANY if data.get("mode") == Mode.ANY else Mode.ALL
            typed = _typed_in(data)
        self.rows = [
            RegleForm(one, number, formulaire, asking, allowed)
            for number, one in enumerate(typed or [Typed()])
        ]

    @property
    def modes(self) -> list[tuple[str, str]]:
        """Return how many rules may have to hold."""
        return Mode.choices

    @property
    def may_add(self) -> bool:
        """Tell whether another rule may be added."""
        return len(self.rows) < REGLES_MAX and not any(row.is_blank for row in self.rows)

    @property
    def subject(self) -> str:
        """Return what is shown or not, as the beginning of the sentence."""
        if self.asking.is_section:
            return "Afficher toute cette partie"
        return "Afficher ce bloc" if self.asking.is_bloc else "Afficher ce champ"

    @property
    def is_complete(self) -> bool:
        """Tell whether what is on the page can be saved; rows not begun do not count."""
        if not self.is_conditional:
            return True
        begun = [row for row in self.rows if not row.is_blank]
        return bool(begun) and all(row.regle for row in begun)

    @property
    def has_problem(self) -> bool:
        """Tell whether a rule is wrong, rather than waiting."""
        return any(row.problem for row in self.rows)

    @property
    def condition(self) -> Condition | None:
        """Return the condition once complete, None for always."""
        if not self.is_conditional:
            return None
        return Condition(mode=self.mode, regles=[row.regle for row in self.rows if row.regle])


def _why_refused(formulaire: Formulaire, champ_id: str, asking: Champ | None) -> str:
    if champ_id not in formulaire.by_id:
        return "La condition porte sur un champ qui a été supprimé."
    regle = Regle(champ=champ_id, operator=Operator.IS_FILLED)
    return " ".join(problems_of_condition(formulaire, Condition(regles=[regle]), asking))


def _typed(regle: Regle, allowed: Mapping[str, Champ]) -> Typed:
    """Return a saved rule as one would type it."""
    values = list(regle.values)
    compared = allowed.get(regle.champ)
    if compared and compared.comparison_kind == "number":
        values = [value.replace(".", ",") for value in values]
    return Typed(regle.champ, regle.operator.value, values)


def _typed_in(data) -> list[Typed]:
    """Return the rules of a posted page, one added or removed where a button says so.

    `<row>-pour` is the champ for which the row was shown: compared with another, it starts anew.
    """
    typed = []
    for number in range(REGLES_MAX):
        champ = data.get(f"regle-{number}-champ")
        if champ is None:
            break
        if champ and champ == data.get(f"regle-{number}-pour"):
            operator = data.get(f"regle-{number}-operator", "")
            typed.append(Typed(champ, operator, data.getlist(f"regle-{number}-values")))
        else:
            typed.append(Typed(champ))
    removed = data.get("retirer")
    typed = [one for number, one in enumerate(typed) if str(number) != removed]
    if "ajouter" in data and len(typed) < REGLES_MAX:
        typed.append(Typed())
    return typed
