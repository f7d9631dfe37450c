"""Champs answered by a number."""

import re
from decimal import ROUND_CEILING, Context, Decimal
from typing import Annotated, Any, ClassVar, Literal

from django import forms
from pydantic import Field, JsonValue, PlainSerializer, model_validator

from procedures.champs.colonne import ColumnKind
from procedures.champs.defaut import ChampWithDefault
from procedures.conditions.comparaison import OF_NUMBER, Comparable

ENTIER_MAX = 10**15
DECIMAL_DIGITS_MAX = 18
DECIMAL_PLACES_MAX = 6
CENTS_PLACES = 2
CENT = Decimal("0.01")
# Enough digits for any bound, whatever unit it is brought to.
CONTEXT = Context(prec=DECIMAL_DIGITS_MAX + DECIMAL_PLACES_MAX)

# A bound, written in the document without exponent so that the same bound reads the same.
Bound = Annotated[
    Decimal,
    Field(max_digits=DECIMAL_DIGITS_MAX, decimal_places=DECIMAL_PLACES_MAX),
    PlainSerializer(lambda bound: f"{bound:f}", when_used="json"),
]
_SPACES = re.compile(r"[\s\u00a0\u202f]")


class EntierField(forms.IntegerField):
    """An integer typed as people do: `1 234`."""

    default_error_messages = {"invalid": "Saisissez un nombre entier, par exemple 1 250."}

    def to_python(self, value):
        return super().to_python(_SPACES.sub("", value) if isinstance(value, str) else value)


class DecimalField(forms.DecimalField):
    """A decimal number typed as people do: `1 234,56`."""

    default_error_messages = {"invalid": "Saisissez un nombre, par exemple 1 250,50."}

    def to_python(self, value):
        if isinstance(value, str):
            value = _SPACES.sub("", value).replace(",", ".").removesuffix("€")
        return super().to_python(value)


def format_number(value: Decimal | int) -> str:
    """Write a number in French: `1 234,56`, with a narrow no-break space between thousands."""
    integer, _, decimals = f"{value:,f}".partition(".") if isinstance(value, Decimal) else (
        f"{value:,}", "", ""
    )  # fmt: skip
    integer = integer.replace(",", "\u202f")
    return f"{integer},{decimals}" if decimals else integer


class ChampWithBounds(ChampWithDefault):
    """What numbers share: a smallest and a largest accepted value, each optional."""

    unit_hint: ClassVar[str] = ""
    operators = OF_NUMBER
    comparison_kind = "number"
    column_kind = ColumnKind.NUMBER

    def comparable(self, stored: JsonValue) -> Comparable | None:
        return None if stored is None else Decimal(str(stored))

    def read_operand(self, text: str) -> Comparable:
        return Decimal(text)

    def clean_operand(self, typed: str) -> str:
        typed = super().clean_operand(typed)
        return f"{DecimalField(max_digits=DECIMAL_DIGITS_MAX).clean(typed):f}"

    def display_operand(self, text: str) -> str:
        return self.display(text)

    @classmethod
    def property_fields(cls) -> dict[str, forms.Field]:
        return super().property_fields() | {
            "minimum": cls.bound_field("Valeur minimale"),
            "maximum": cls.bound_field("Valeur maximale"),
        }

    @classmethod
    def bound_field(cls, label: str) -> forms.Field:
        """Return the field by which an administrateur sets a bound."""
        raise NotImplementedError

    @model_validator(mode="after")
    def check_bounds(self):
        """Refuse bounds between which no number stands."""
        if None not in (self.minimum, self.maximum) and self.minimum > self.maximum:
            raise ValueError("La valeur minimale est plus grande que la valeur maximale.")
        return self

    def bound_options(self) -> dict[str, Any]:
        """Return the arguments of a form field that holds an answer between the bounds."""
        return {
            "min_value": self.minimum,
            "max_value": self.maximum,
        } | self.field_options(
            hint=self._hint(),
            min_value=f"Saisissez un nombre au moins égal à {self._shown(self.minimum)}.",
            max_value=f"Saisissez un nombre au plus égal à {self._shown(self.maximum)}.",
        )

    def sample_number(self, usual):
        """Return `usual`, brought between the bounds."""
        if self.minimum is not None and usual < self.minimum:
            return self.minimum
        if self.maximum is not None and usual > self.maximum:
            return self.maximum
        return usual

    def _hint(self) -> str:
        """Return what the type and its options ask for."""
        return " ".join(hint for hint in (self.unit_hint, self._bounds_hint()) if hint)

    def _bounds_hint(self) -> str:
        """Return what is accepted, an empty string for any number."""
        if None not in (self.minimum, self.maximum):
            return f"De {self._shown(self.minimum)} à {self._shown(self.maximum)}."
        if self.minimum is not None:
            return f"Au moins {self._shown(self.minimum)}."
        return "" if self.maximum is None else f"{self._shown(self.maximum)} au plus."

    def _shown(self, bound) -> str:
        return "" if bound is None else format_number(bound)


class NombreEntierChamp(ChampWithBounds):
    """An integer."""

    name = "Nombre entier"
    description = "Un nombre sans virgule : une quantité, un effectif"
    icon = "fr-icon-hashtag"
    group = "Nombres et dates"
    type: Literal["nombre_entier"] = "nombre_entier"
    minimum: int | None = Field(default=None, ge=-ENTIER_MAX, le=ENTIER_MAX)
    maximum: int | None = Field(default=None, ge=-ENTIER_MAX, le=ENTIER_MAX)

    @classmethod
    def bound_field(cls, label: str) -> forms.Field:
        return EntierField(
            label=label,
            required=False,
            min_value=-ENTIER_MAX,
            max_value=ENTIER_MAX,
            widget=forms.TextInput({"inputmode": "numeric"}),
        )

    def form_field(self) -> forms.Field:
        options = self.bound_options()
        if self.minimum is None:
            options["min_value"] = -ENTIER_MAX
        if self.maximum is None:
            options["max_value"] = ENTIER_MAX
        return EntierField(**options, widget=forms.TextInput({"inputmode": "numeric"}))

    def display(self, stored: JsonValue) -> str:
        return "" if stored is None else format_number(int(stored))

    def search_text(self, stored: JsonValue) -> str:
        return "" if stored is None else str(stored)

    def sample(self) -> str:
        return format_number(self.sample_number(12))


class ChampOfDecimal(ChampWithBounds):
    """A decimal number, stored as a string so that no digit is lost."""

    group: ClassVar[str] = "Nombres et dates"
    minimum: Bound | None = None
    maximum: Bound | None = None

    @classmethod
    def bound_field(cls, label: str) -> forms.Field:
        return DecimalField(
            label=label,
            required=False,
            max_digits=DECIMAL_DIGITS_MAX,
            decimal_places=DECIMAL_PLACES_MAX,
            widget=forms.TextInput({"inputmode": "decimal"}),
        )

    def to_stored(self, cleaned: Decimal | None) -> JsonValue:
        if cleaned is None:
            return None
        return f"{cleaned if cleaned else abs(cleaned):f}"  # -0 is 0

    def to_initial(self, stored: JsonValue) -> Any:
        return "" if stored is None else str(stored).replace(".", ",")

    def display(self, stored: JsonValue) -> str:
        return "" if stored is None else format_number(Decimal(str(stored)))

    def export_values(self, stored: JsonValue) -> list[Any]:
        return [None if stored is None else Decimal(str(stored))]

    def sample(self) -> str:
        return format_number(self.sample_number(Decimal("1250.50")))


class NombreDecimalChamp(ChampOfDecimal):
    """A decimal number with as many decimals as its administrateur wants, six at most."""

    name = "Nombre décimal"
    description = "Un nombre avec virgule : une surface, un taux"
    icon = "fr-icon-calculator-line"
    takes_from = ("nombre_entier",)
    type: Literal["nombre_decimal"] = "nombre_decimal"
    decimals: int | None = Field(default=None, ge=0, le=DECIMAL_PLACES_MAX)

    @classmethod
    def property_fields(cls) -> dict[str, forms.Field]:
        return super().property_fields() | {
            "decimals": EntierField(
                label="Chiffres après la virgule, au plus",
                help_text=f"De 0 à {DECIMAL_PLACES_MAX} ; {DECIMAL_PLACES_MAX} par défaut.",
                required=False,
                min_value=0,
                max_value=DECIMAL_PLACES_MAX,
                widget=forms.TextInput({"inputmode": "numeric"}),
            )
        }

    @model_validator(mode="after")
    def check_decimals(self):
        """Refuse bounds between which no number has so few decimals."""
        if None not in (self.decimals, self.minimum, self.maximum):
            smallest = self.minimum.quantize(self._unit, ROUND_CEILING, CONTEXT)
            if smallest > self.maximum:
                raise ValueError(
                    "Aucun nombre n’a si peu de chiffres après la virgule entre les deux valeurs."
                )
        return self

    def form_field(self) -> forms.Field:
        options = self.bound_options()
        if self.decimals is not None:
            options["error_messages"]["max_decimal_places"] = (
                f"Saisissez un nombre {self._decimals_allowed()}."
            )
        return DecimalField(
            **options,
            max_digits=DECIMAL_DIGITS_MAX,
            decimal_places=DECIMAL_PLACES_MAX if self.decimals is None else self.decimals,
            widget=forms.TextInput({"inputmode": "decimal"}),
        )

    def sample(self) -> str:
        number = self.sample_number(Decimal("1250.50"))
        if self.decimals is not None:
            number = number.quantize(self._unit, ROUND_CEILING, CONTEXT)
        return format_number(number)

    @property
    def _unit(self) -> Decimal:
        return Decimal(1).scaleb(-self.decimals)

    def _hint(self) -> str:
        if self.decimals is None:
            return super()._hint()
        return f"{super()._hint()} {self._decimals_allowed().capitalize()}.".strip()

    def _decimals_allowed(self) -> str:
        if not self.decimals:
            return "sans virgule"
        ending = "s" if self.decimals > 1 else ""
        return f"avec {self.decimals} chiffre{ending} au plus après la virgule"


class MontantChamp(ChampOfDecimal):
    """An amount in euros, to the cent; stored as a string so that no cent is lost."""

    name = "Montant"
    description = "Une somme en euros : un budget, une dépense"
    icon = "fr-icon-money-euro-circle-line"
    unit_hint = "En euros."
    takes_from = ("nombre_entier", "nombre_decimal")
    type: Literal["montant"] = "montant"

    def form_field(self) -> forms.Field:
        options = self.bound_options()
        options["error_messages"] |= {
            "invalid": "Saisissez un montant en euros, par exemple 1 250,50.",
            "max_decimal_places": "Saisissez un montant au centime près, par exemple 1 250,50.",
        }
        return DecimalField(
            **options,
            max_digits=DECIMAL_DIGITS_MAX,
            decimal_places=CENTS_PLACES,
            widget=forms.TextInput({"inputmode": "decimal"}),
        )

    def to_stored(self, cleaned: Decimal | None) -> JsonValue:
        return super().to_stored(None if cleaned is None else cleaned.quantize(CENT))

    def display(self, stored: JsonValue) -> str:
        return "" if stored is None else f"{super().display(stored)}\N{NO-BREAK SPACE}€"

    def search_text(self, stored: JsonValue) -> str:
        return "" if stored is None else str(stored)

    def export_columns(self) -> list[str]:
        return [f"{self.label} (€)"]

    def sample(self) -> str:
        return f"{super().sample()}\N{NO-BREAK SPACE}€"
