"""The forms that plan the dates of a procédure, and that open it again."""

from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from commun.forms import DateTimeWidget, RichRadioSelect, TpsFormHelper
from procedures.champs.temps import DateHeureField
from procedures.dates import Planning
from procedures.enums import PassagePrevu
from procedures.models import Procedure

SECTION = "tps-form-section"
INVALID = "Saisissez une date et une heure réelles, par exemple 30/11/2026 12:00."
CHANGE_OF_TIME = (
    "Cette heure n’existe pas, ou existe deux fois, la nuit du changement d’heure. "
    "Choisissez une autre heure."
)
PAST = "Cette date est passée : choisissez un moment à venir."


class DatePrevueField(DateHeureField):
    """A moment in Paris; the hour that a change of time skips or repeats is refused."""

    def __init__(self, **kwargs):
        kwargs.setdefault("error_messages", {"invalid": INVALID})
        super().__init__(required=False, widget=DateTimeWidget(), **kwargs)

    def to_python(self, value):
        try:
            return super().to_python(value)
        except ValidationError as error:
            if getattr(error, "code", "") == "ambiguous_timezone":
                raise ValidationError(CHANGE_OF_TIME, code="change_of_time") from None
            raise


class DatesForm(forms.Form):
    """Plan the opening, the closing and the automatic passage en instruction."""

    opens_at = DatePrevueField(
        label="Ouverture",
        help_text="Avant cette date, la page publique annonce l’ouverture et personne ne peut "
        "commencer ni soumettre de dossier. Sans date, la procédure ouvre à sa publication.",
    )
    closes_at = DatePrevueField(
        label="Clôture",
        help_text="À cette date, la procédure se clôt toute seule : plus aucun dossier n’y est "
        "commencé ni soumis. Les brouillons restent lisibles ; leurs auteurs sont prévenus "
        "par email trois jours avant.",
    )
    passage = forms.ChoiceField(
        label="Quand passer les dossiers en instruction ?",
        choices=PassagePrevu,
        widget=RichRadioSelect,
        error_messages={"required": "Choisissez quand les dossiers passent en instruction."},
    )
    passage_at = DatePrevueField(
        label="Date du passage en instruction",
        help_text="Pour « À une autre date ». Tous les dossiers déposés jusque-là et encore en "
        "construction passent en instruction, et leurs usagers en sont avertis par email.",
    )

    def __init__(self, *args, procedure: Procedure, **kwargs):
        initial = {
            "opens_at": procedure.opens_at,
            "closes_at": procedure.closes_at,
            "passage": _passage_of(procedure),
            "passage_at": None if procedure.passage_at_closing else procedure.passage_at,
        }
        super().__init__(*args, initial=initial, **kwargs)
        self.procedure = procedure
        self.use_required_attribute = False
        self.helper = TpsFormHelper(mark_optional=False)
        self.helper.layout = Layout(
            Fieldset("Dépôt des dossiers", "opens_at", "closes_at", css_class=SECTION),
            Fieldset(
                "Passage en instruction automatique", "passage", "passage_at", css_class=SECTION
            ),
        )

    def clean_opens_at(self):
        return self._to_come("opens_at")

    def clean_closes_at(self):
        return self._to_come("closes_at")

    def clean(self):
        cleaned = super().clean()
        opens_at, closes_at = cleaned.get("opens_at"), cleaned.get("closes_at")
        if opens_at and closes_at and opens_at >= closes_at:
            self.add_error("closes_at", "La clôture doit venir après l’ouverture.")
        if cleaned.get("passage") == PassagePrevu.CLOTURE and "closes_at" not in self.errors:
            if closes_at is None:
                self.add_error(
                    "closes_at", "Indiquez la clôture : le passage en instruction en dépend."
                )
        elif cleaned.get("passage") == PassagePrevu.DATE and "passage_at" not in self.errors:
            self._check_passage(opens_at)
        return cleaned

    @property
    def planning(self) -> Planning:
        """Return what was typed, once valid; a date that its choice leaves out is dropped."""
        passage = self.cleaned_data["passage"]
        return Planning(
            opens_at=self.cleaned_data["opens_at"],
            closes_at=self.cleaned_data["closes_at"],
            passage_at=self.cleaned_data["passage_at"] if passage == PassagePrevu.DATE else None,
            passage_at_closing=passage == PassagePrevu.CLOTURE,
        )

    def _check_passage(self, opens_at) -> None:
        passage_at = self.cleaned_data.get("passage_at")
        if passage_at is None:
            self.add_error("passage_at", "Indiquez la date du passage en instruction.")
        elif opens_at and passage_at <= opens_at:
            self.add_error("passage_at", "Le passage en instruction doit venir après l’ouverture.")
        elif passage_at <= timezone.now() and passage_at != self.procedure.passage_at:
            self.add_error("passage_at", PAST)

    def _to_come(self, name: str):
        """Refuse a date that is set in the past; one that came since it was set may stay."""
        value = self.cleaned_data[name]
        if value and value <= timezone.now() and value != getattr(self.procedure, name):
            raise ValidationError(PAST, code="past")
        return value


class ReopenForm(forms.Form):
    """Open a closed procédure again, until a new date or until it is closed by hand."""

    closes_at = DatePrevueField(
        label="Nouvelle date de clôture",
        help_text="Facultatif. La procédure se clôturera de nouveau toute seule à cette date.",
    )

    def __init__(self, *args, procedure: Procedure, **kwargs):
        super().__init__(*args, **kwargs)
        self.procedure = procedure
        self.helper = TpsFormHelper(mark_optional=False)

    def clean_closes_at(self):
        closes_at = self.cleaned_data["closes_at"]
        if closes_at and closes_at <= timezone.now():
            raise ValidationError(PAST, code="past")
        if closes_at and self.procedure.opens_at and closes_at <= self.procedure.opens_at:
            raise ValidationError("La clôture doit venir après l’ouverture.", code="order")
        return closes_at


def _passage_of(procedure: Procedure) -> PassagePrevu:
    if procedure.passage_at_closing:
        return PassagePrevu.CLOTURE
    return PassagePrevu.DATE if procedure.passage_at else PassagePrevu.JAMAIS
