"""How many options a choix multiple takes: set in the builder, told, held by the server."""

import pytest
from django.core.exceptions import ValidationError

from procedures.builder import changed_champ
from procedures.champs import new_champ
from procedures.champs.autre import AUTRE
from procedures.forms.champ import ChampForm

OPTIONS = ["Un", "Deux", "Trois", "Quatre"]


def choix(**properties):
    return new_champ("choix_multiple", options=OPTIONS, **properties)


@pytest.mark.parametrize(
    ("least", "most", "hint"),
    [
        (None, None, ""),
        (2, None, "2 réponses au moins."),
        (None, 1, "Une réponse au plus."),
        (1, 3, "De 1 à 3 réponses."),
        (2, 2, "2 réponses."),
    ],
)
def test_number_of_choices_is_told(least, most, hint):
    assert choix(choices_min=least, choices_max=most).form_field().help_text == hint


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (["Un"], "Choisissez au moins 2 réponses."),
        (["Un", "Un"], "Choisissez au moins 2 réponses."),
        (["Un", "Deux"], None),
        ([AUTRE, "Cinq", "Un"], None),
        ([AUTRE, "Cinq"], "Choisissez au moins 2 réponses."),
        ([AUTRE, "Cinq", "Un", "Deux", "Trois"], "Choisissez au plus 3 réponses."),
        ([AUTRE, "Cinq", "Mille"], "Choisissez des options de la liste."),
        (OPTIONS, "Choisissez au plus 3 réponses."),
    ],
)
def test_answer_keeps_to_the_number_of_choices(typed, message):
    field = choix(choices_min=2, choices_max=3, autre=True).form_field()

    if message is None:
        assert field.clean(typed)
        return
    with pytest.raises(ValidationError) as error:
        field.clean(typed)
    assert error.value.messages == [message]


def test_optional_choice_may_stay_empty():
    assert choix(choices_min=2, required=False).form_field().clean([]) == []


def test_numbers_of_choices_are_set_in_the_builder():
    champ = choix()
    kept = {"label": champ.label, "required": "on", "options": "\n".join(OPTIONS)}
    form = ChampForm(champ, kept | {"choices_min": "2", "choices_max": "3"})

    assert form.is_valid(), form.errors
    after = changed_champ(champ, form.cleaned_data)
    assert (after.choices_min, after.choices_max) == (2, 3)
    assert type(after).model_validate_json(after.model_dump_json()) == after
    refused = ChampForm(champ, kept | {"choices_min": "3", "choices_max": "2"})
    assert refused.errors == {
        "__all__": ["Le nombre de réponses au moins dépasse le nombre au plus."]
    }


def test_more_choices_than_options_are_said_before_publication():
    assert choix(choices_min=5).missing_before_publication() == (
        "Il y a moins d’options que de réponses demandées."
    )
    assert choix(choices_min=5, autre=True).missing_before_publication() == ""
