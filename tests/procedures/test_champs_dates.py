"""The bounds of dates: set in the builder, told to the usager, held by the server."""

import json

import pytest
import time_machine
from django.core.exceptions import ValidationError

from procedures.builder import changed_champ
from procedures.champs import CHAMP_TYPES, new_champ
from procedures.diff import diff_formulaires
from procedures.forms.champ import ChampForm
from procedures.formulaire import Formulaire

SPRING = {"minimum": "2026-03-01", "maximum": "2026-05-31"}
MORNING = {"minimum": "2026-03-01T08:00:00+01:00", "maximum": "2026-03-01T12:00:00+01:00"}


def edit(champ, **data):
    kept = {name: value for name, value in champ.property_values().items() if value is not None}
    return ChampForm(champ, kept | data)


@pytest.mark.parametrize(
    ("type_name", "options", "hint"),
    [
        ("date", SPRING, "Du 01/03/2026 au 31/05/2026."),
        ("date", {"minimum": "2026-03-01"}, "À partir du 01/03/2026."),
        ("date", {"maximum": "2026-05-31"}, "Jusqu’au 31/05/2026."),
        ("date_heure", MORNING, "Du 01/03/2026 à 08:00 au 01/03/2026 à 12:00."),
    ],
)
def test_bounds_are_told_to_the_usager(type_name, options, hint):
    assert new_champ(type_name, **options).form_field().help_text == hint


@pytest.mark.parametrize(
    ("type_name", "options", "typed", "message"),
    [
        ("date", SPRING, "2026-03-01", None),
        ("date", SPRING, "31/05/2026", None),
        ("date", SPRING, "2026-02-28", "Saisissez une date à partir du 01/03/2026."),
        ("date", SPRING, "2026-06-01", "Saisissez une date jusqu’au 31/05/2026."),
        ("date_heure", MORNING, "2026-03-01T12:00", None),
        (
            "date_heure",
            MORNING,
            "2026-03-01T12:01",
            "Saisissez une date jusqu’au 01/03/2026 à 12:00.",
        ),
        ("date", {"past_only": True}, "2026-04-02", None),
        (
            "date",
            {"past_only": True},
            "2026-04-03",
            "Saisissez une date passée : celle-ci est à venir.",
        ),
        ("date_heure", {"past_only": True}, "2026-04-02T13:59", None),
        (
            "date_heure",
            {"past_only": True},
            "2026-04-02T14:01",
            "Saisissez une date passée : celle-ci est à venir.",
        ),
    ],
)
@time_machine.travel("2026-04-02T12:00:00Z", tick=False)
def test_answer_stands_between_the_bounds(type_name, options, typed, message):
    field = new_champ(type_name, **options).form_field()

    if message is None:
        assert field.clean(typed)
        return
    with pytest.raises(ValidationError) as error:
        field.clean(typed)
    assert error.value.messages == [message]


@pytest.mark.parametrize(
    ("type_name", "typed", "stored", "shown"),
    [
        ("date", "2026-03-01", "2026-03-01", "01/03/2026"),
        ("date_heure", "2026-03-01T08:00", "2026-03-01T08:00:00+01:00", "01/03/2026 à 08:00"),
    ],
)
def test_bound_is_set_in_the_builder_kept_and_told(type_name, typed, stored, shown):
    champ = new_champ(type_name)
    form = edit(champ, minimum=typed)

    assert form.is_valid(), form.errors
    after = changed_champ(champ, form.cleaned_data)
    document = json.loads(json.dumps(after.model_dump(mode="json")))
    assert document["minimum"] == stored
    assert CHAMP_TYPES[type_name].model_validate(document) == after
    unchanged = edit(after)
    assert unchanged.is_valid()
    assert changed_champ(after, unchanged.cleaned_data) == after
    (change,) = diff_formulaires(Formulaire(champs=[champ]), Formulaire(champs=[after]))
    assert [(item.label, item.before, item.after) for item in change.attributes] == [
        ("Pas avant le", "(vide)", shown)
    ]


def test_bounds_without_a_day_between_them_are_refused():
    form = edit(new_champ("date", minimum="2026-05-31"), maximum="2026-03-01")

    assert form.errors == {
        "__all__": ["La borne « pas avant » vient après la borne « pas après »."]
    }


@pytest.mark.parametrize("bound", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_bound_outside_of_calendars_is_refused(bound):
    with pytest.raises(ValueError, match="Donnez une année"):
        new_champ("date_heure", minimum=bound)


def test_rule_may_compare_with_any_date():
    champ = new_champ("date", **SPRING)

    assert champ.clean_operand("2027-01-01") == "2027-01-01"


def test_sample_and_browser_keep_to_the_bounds():
    champ = new_champ("date", **SPRING)

    assert champ.sample() == "31/05/2026"
    assert champ.form_field().widget.attrs == {"min": "2026-03-01", "max": "2026-05-31"}
