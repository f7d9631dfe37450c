"""What the forms of TPS share: the one crispy helper, and the widget of dates."""

from crispy_forms.helper import FormHelper
from django import forms


class TpsFormHelper(FormHelper):
    """Render the CSRF token, the error summary and fields; the template owns `<form>` and buttons.

    `mark_optional=False` leaves out « (facultatif) », for filters and searches.
    """

    form_tag = False
    include_media = False

    def __init__(self, form=None, *, mark_optional: bool = True):
        super().__init__(form)
        # On the instance: crispy hands only those to the templates.
        self.mark_optional = mark_optional


class RichRadioSelect(forms.RadioSelect):
    """Radio buttons in framed boxes, for a choice that matters."""

    rich = True


class DateWidget(forms.DateInput):
    """The browser's own date field, which speaks ISO whatever the language of the page."""

    input_type = "date"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%Y-%m-%d")


class DateTimeWidget(forms.DateTimeInput):
    """The browser's own field of date and time, to the minute."""

    input_type = "datetime-local"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")
