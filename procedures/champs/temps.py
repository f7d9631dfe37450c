"""Champs answered by a day or a moment."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django import forms
from django.core.exceptions import ValidationError
from django.utils import formats, timezone
from pydantic import AfterValidator, AwareDatetime, JsonValue, model_validator

from commun.forms import DateTimeWidget
from procedures.champs.colonne import ColumnKind
from procedures.champs.defaut import ChampWithDefault
from procedures.conditions.comparaison import OF_DATE, Comparable


def _within_calendar(bound):
    """Refuse a bound so far away that it stands outside of all calendars in some place."""
    if not 2 <= bound.year <= 9998:
        raise ValueError("Donnez une année de 2 à 9998.")
    return bound


class ChampOfTime(ChampWithDefault):
    """What days and moments share: they are before or after another, and between two bounds."""

    operators = OF_DATE
    comparison_kind = "date"
    column_kind = ColumnKind.DATE
    # Whether what is still to come is refused. What is past stays so: an answer taken once is
    # good for ever.
    past_only: bool = False

    @classmethod
    def property_fields(cls) -> dict[str, forms.Field]:
        return super().property_fields() | {
            "minimum": cls.bound_field("Pas avant le"),
            "maximum": cls.bound_field("Pas après le"),
            "past_only": forms.BooleanField(
                label="Refuser ce qui est à venir",
                help_text="Pour une naissance, une création, un fait.",
                required=False,
            ),
        }

    @classmethod
    def bound_field(cls, label: str) -> forms.Field:
        """Return the field by which an administrateur sets a bound."""
        field = cls(id="borne", label=label, required=False).form_field()
        field.help_text = ""
        return field

    @model_validator(mode="after")
    def check_bounds(self):
        """Refuse bounds between which no answer stands."""
        if None not in (self.minimum, self.maximum) and self.minimum > self.maximum:
            raise ValueError("La borne « pas avant » vient après la borne « pas après ».")
        return self

    def time_options(self, **messages: str) -> dict[str, Any]:
        """Return the arguments of a form field that holds an answer between the bounds."""
        return self.field_options(hint=self._hint(), **messages) | {"validators": [self._check]}

    def bound_attrs(self) -> dict[str, str]:
        """Return the bounds as the browser's own field reads them."""
        bounds = {"min": self.minimum, "max": self.maximum}
        return {name: self._attribute(bound) for name, bound in bounds.items() if bound is not None}

    def unbounded_field(self) -> forms.Field:
        """Return the form field of the same champ, which takes any answer."""
        free = {"minimum": None, "maximum": None, "past_only": False}
        return self.model_copy(update=free).form_field()

    def clean_operand(self, typed: str) -> str:
        return str(self.to_stored(self.unbounded_field().clean(super().clean_operand(typed))))

    def display_operand(self, text: str) -> str:
        return self.display(text)

    def _check(self, answer) -> None:
        """Refuse an answer beyond the bounds. Raises ValidationError."""
        if self.minimum is not None and answer < self.minimum:
            raise ValidationError(f"Saisissez une date à partir du {self._shown(self.minimum)}.")
        if self.maximum is not None and answer > self.maximum:
            raise ValidationError(f"Saisissez une date jusqu’au {self._shown(self.maximum)}.")
        if self.past_only and answer > self._now():
            raise ValidationError("Saisissez une date passée : celle-ci est à venir.")

    def _hint(self) -> str:
        """Return what is accepted, an empty string for any date."""
        if None not in (self.minimum, self.maximum):
            return f"Du {self._shown(self.minimum)} au {self._shown(self.maximum)}."
        if self.minimum is not None:
            return f"À partir du {self._shown(self.minimum)}."
        return "" if self.maximum is None else f"Jusqu’au {self._shown(self.maximum)}."

    def _shown(self, bound) -> str:
        return self.display(self.to_stored(bound))

    def _sample(self, usual):
        """Return `usual`, brought between the bounds, as a person reads it."""
        if self.minimum is not None:
            usual = max(usual, self.minimum)
        if self.maximum is not None:
            usual = min(usual, self.maximum)
        return self._shown(usual)


class DateChamp(ChampOfTime):
    """A day."""

    name = "Date"
    description = "Un jour : une date de naissance, une échéance"
    icon = "fr-icon-calendar-line"
    group = "Nombres et dates"
    type: Literal["date"] = "date"
    minimum: Annotated[date, AfterValidator(_within_calendar)] | None = None
    maximum: Annotated[date, AfterValidator(_within_calendar)] | None = None

    def comparable(self, stored: JsonValue) -> Comparable | None:
        return None if stored is None else date.fromisoformat(str(stored))

    def read_operand(self, text: str) -> Comparable:
        return date.fromisoformat(text)

    def form_field(self) -> forms.Field:
        return forms.DateField(
            **self.time_options(invalid="Saisissez une date réelle, par exemple 23/11/2026."),
            input_formats=["%Y-%m-%d", "%d/%m/%Y"],
            widget=forms.DateInput({"type": "date"} | self.bound_attrs(), format="%Y-%m-%d"),
        )

    def to_stored(self, cleaned: date | None) -> JsonValue:
        return None if cleaned is None else cleaned.isoformat()

    def display(self, stored: JsonValue) -> str:
        return (
            "" if stored is None else formats.date_format(date.fromisoformat(str(stored)), "d/m/Y")
        )

    def export_values(self, stored: JsonValue) -> list[Any]:
        return [None if stored is None else date.fromisoformat(str(stored))]

    def sample(self) -> str:
        return self._sample(date(2026, 11, 23))

    def _attribute(self, bound: date) -> str:
        return bound.isoformat()

    def _now(self) -> date:
        return timezone.localdate()


class DateHeureField(forms.DateTimeField):
    """A day and an hour in Paris, as the browser's own field sends them or as one types them."""

    input_formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M", "%d/%m/%Y à %H:%M"]

    def to_python(self, value):
        if isinstance(value, str) and value.strip() and ":" not in value:  # a day is not enough
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        moment = super().to_python(value)
        if moment is not None and moment.year < 2:  # it may stand before all dates in UTC
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return moment


class DateHeureChamp(ChampOfTime):
    """A day and an hour; stored with its offset, shown in Paris."""

    name = "Date et heure"
    description = "Un jour et une heure : un rendez-vous, un événement"
    icon = "fr-icon-time-line"
    group = "Nombres et dates"
    column_kind = ColumnKind.MOMENT
    type: Literal["date_heure"] = "date_heure"
    minimum: Annotated[AwareDatetime, AfterValidator(_within_calendar)] | None = None
    maximum: Annotated[AwareDatetime, AfterValidator(_within_calendar)] | None = None

    def comparable(self, stored: JsonValue) -> Comparable | None:
        return None if stored is None else datetime.fromisoformat(str(stored))

    def read_operand(self, text: str) -> Comparable:
        return datetime.fromisoformat(text)

    def form_field(self) -> forms.Field:
        return DateHeureField(
            **self.time_options(
                invalid="Saisissez une date et une heure réelles, par exemple 23/11/2026 14:30."
            ),
            widget=DateTimeWidget(self.bound_attrs()),
        )

    def to_stored(self, cleaned: datetime | None) -> JsonValue:
        return None if cleaned is None else timezone.localtime(cleaned).isoformat()

    def to_initial(self, stored: JsonValue) -> Any:
        return None if stored is None else datetime.fromisoformat(str(stored))

    def display(self, stored: JsonValue) -> str:
        if stored is None:
            return ""
        moment = timezone.localtime(datetime.fromisoformat(str(stored)))
        return formats.date_format(moment, r"d/m/Y à H:i")

    def export_values(self, stored: JsonValue) -> list[Any]:
        return [None if stored is None else datetime.fromisoformat(str(stored))]

    def sample(self) -> str:
        return self._sample(timezone.make_aware(datetime(2026, 11, 23, 14, 30)))  # noqa: DTZ001

    def _attribute(self, bound: datetime) -> str:
        return timezone.localtime(bound).strftime("%Y-%m-%dT%H:%M")

    def _now(self) -> datetime:
        return timezone.now()
