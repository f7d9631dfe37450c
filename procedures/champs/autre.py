"""« Autre »: the option of a choice that opens a text, and the answer it makes.

As typed, such an answer is a list that begins with « Autre » and the text; cleaned and stored, it
is `{"autre": text}`.
"""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from procedures.champs.texte import TexteCharField

AUTRE = "Autre"
AUTRE_KEY = "autre"
AUTRE_MAX = 300


def autre_of(answer: Any) -> str | None:
    """Return the text of an answer `{"autre": text}`, None for another answer."""
    return str(answer[AUTRE_KEY]) if isinstance(answer, dict) and AUTRE_KEY in answer else None


def split(raw: Any) -> tuple[list[str], str]:
    """Return the options of what was typed, « Autre » among them, and its text."""
    if not isinstance(raw, list | tuple):
        return ([] if raw in (None, "") else [str(raw)]), ""
    items = [str(item) for item in raw]
    if items[:1] != [AUTRE]:
        return items, ""
    return [AUTRE, *items[2:]], next(iter(items[1:2]), "")


class WithAutre:
    """What the widgets of a choice with « Autre » share: a text beside the options.

    Without JavaScript the text is always there: typed while nothing else is chosen, it is enough.
    """

    has_autre = True

    def autre_name(self, name: str) -> str:
        """Return the name of the text beside the choice `name`."""
        return f"{name}_autre"

    def autre_text(self, value: Any) -> str:
        """Return the text that goes with `value`."""
        return split(value)[1]

    def format_value(self, value):
        return super().format_value(split(value)[0])

    def value_from_datadict(self, data, files, name):
        chosen = super().value_from_datadict(data, files, name)
        text = data.get(self.autre_name(name)) or ""
        options = list(chosen) if isinstance(chosen, list) else [chosen] if chosen else []
        is_enough = self.allow_multiple_selected or not options
        if AUTRE in options or (text.strip() and is_enough):
            return [AUTRE, text, *(option for option in options if option != AUTRE)]
        return chosen


def with_autre(widget_class: type[forms.Widget]) -> type[forms.Widget]:
    """Return the kind of `widget_class` that has a text beside its options."""
    return type(f"{widget_class.__name__}WithAutre", (WithAutre, widget_class), {})


class ChoiceWithAutreField(forms.ChoiceField):
    """One option, or a text of one’s own; its value is the option or `{"autre": text}`."""

    def clean(self, value):
        options, text = split(value)
        if options[:1] != [AUTRE]:
            return super().clean(value)
        if len(options) > 1:
            raise ValidationError(self.error_messages["invalid_choice"] % {"value": options[1]})
        return _answer(self, text)


class MultipleChoiceWithAutreField(forms.MultipleChoiceField):
    """Options, and perhaps a text of one’s own; `{"autre": text}` follows the options."""

    def clean(self, value):
        options, text = split(value)
        if AUTRE not in options:
            return super().clean(value)
        others = [option for option in options if option != AUTRE]
        if others:
            self.validate(others)
        answers = [*others, _answer(self, text)]
        self.run_validators(answers)
        return answers


def _answer(field: forms.ChoiceField, text: str) -> str | dict[str, str]:
    """Return the answer that a text makes: the option it repeats, where it does."""
    text = TexteCharField(
        max_length=AUTRE_MAX,
        error_messages={
            "required": "Précisez votre réponse « Autre ».",
            "max_length": f"Raccourcissez votre réponse « Autre » : {AUTRE_MAX} caractères au "
            "plus, elle en a %(show_value)d.",
        },
    ).clean(text)
    is_option = any(text == value for value, _ in field.choices if value not in ("", AUTRE))
    return text if is_option else {AUTRE_KEY: text}
