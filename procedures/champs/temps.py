"""Champs answered by a day or a moment."""

from datetime import date, datetime
from typing import Any, Literal

from django import forms
from django.core.exceptions import ValidationError
from django.utils import formats, timezone
from pydantic import JsonValue

from commun.forms import DateTimeWidget
from procedures.champs.defaut import ChampWithDefault
from procedures.conditions.comparaison import OF_DATE, Comparable


class ChampOfTime(ChampWithDefault):
    """What days and moments share: they are before or after another."""

    operators = OF_DATE
    comparison_kind = "date"

    def clean_operand(self, typed: str) -> str:
        return str(self.to_stored(self.form_field().clean(super().clean_operand(typed))))

    def display_operand(self, text: str) -> str:
        return self.display(text)


class DateChamp(ChampOfTime):
    """A day."""

    name = "Date"
    description = "Un jour : une date de naissance, une échéance"
    icon = "fr-icon-calendar-line"
    group = "Nombres et dates"
    type: Literal["date"] = "date"

    def comparable(self, stored: JsonValue) -> Comparable | None:
        return None if stored is None else date.fromisoformat(str(stored))

    def read_operand(self, text: str) -> Comparable:
        return date.fromisoformat(text)

    def form_field(self) -> forms.Field:
        return forms.DateField(
            **self.field_options(invalid="Saisissez une date réelle, par exemple 23/11/2026."),
            input_formats=["%Y-%m-%d", "%d/%m/%Y"],
            widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
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
        return "23/11/2026"


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
    type: Literal["date_heure"] = "date_heure"

    def comparable(self, stored: JsonValue) -> Comparable | None:
        return None if stored is None else datetime.fromisoformat(str(stored))

    def read_operand(self, text: str) -> Comparable:
        return datetime.fromisoformat(text)

    def form_field(self) -> forms.Field:
        return DateHeureField(
            **self.field_options(
                invalid="Saisissez une date et une heure réelles, par exemple 23/11/2026 14:30."
            ),
            widget=DateTimeWidget(),
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
        return "23/11/2026 à 14:30"
