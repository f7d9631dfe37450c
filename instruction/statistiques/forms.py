"""The form by which one chooses the period of the statistics."""

from crispy_forms.layout import Layout
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator

from commun.forms import DateWidget, TpsFormHelper
from instruction.statistiques.periode import DATES_FROM, DATES_TO, Periode, Prereglage

_INVALID = "Saisissez une date réelle, par exemple 30/11/2026."
_BOUNDS = "Choisissez une date entre 2000 et 2100."


class _JourField(forms.DateField):
    def __init__(self, label: str):
        super().__init__(
            label=label,
            required=False,
            widget=DateWidget(),
            input_formats=["%Y-%m-%d", "%d/%m/%Y"],
            error_messages={"invalid": _INVALID},
            validators=[
                MinValueValidator(DATES_FROM, _BOUNDS),
                MaxValueValidator(DATES_TO, _BOUNDS),
            ],
        )


class PeriodeForm(forms.Form):
    """Two dates, or the name of a period; the dates win over the name."""

    du = _JourField("Du")
    au = _JourField("Au")
    periode = forms.ChoiceField(
        choices=Prereglage,
        required=False,
        widget=forms.HiddenInput,
        error_messages={
            "invalid_choice": "Cette période n’existe pas : choisissez-en une de la liste."
        },
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = TpsFormHelper(mark_optional=False)
        self.helper.disable_csrf = True
        self.helper.layout = Layout("du", "au")

    def clean(self):
        first, last = self.cleaned_data.get("du"), self.cleaned_data.get("au")
        if first and last and last < first:
            raise ValidationError(
                {"au": "Cette date précède celle du début : choisissez-en une qui la suit."}
            )
        return self.cleaned_data

    @property
    def chosen(self) -> Periode:
        """Return the period of a valid form; a year when nothing was chosen."""
        first, last = self.cleaned_data["du"], self.cleaned_data["au"]
        if first or last:
            return Periode(first, last)
        return Periode.of(Prereglage(self.cleaned_data["periode"] or Prereglage.ANNEE))
