"""What the forms of TPS share: the one crispy helper, and widgets."""

from crispy_forms.helper import FormHelper
from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join


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


class FilterableCheckboxes(forms.CheckboxSelectMultiple):
    """Boxes so many that one filters them by typing (`static/js/options-filter.js`)."""

    filterable = True


class DatalistInput(forms.TextInput):
    """A line of text with a list of proposals that the browser searches as one types."""

    def __init__(self, proposals: list[str], attrs=None):
        super().__init__(attrs)
        self.proposals = proposals

    def render(self, name, value, attrs=None, renderer=None):
        list_id = f"{(attrs or {}).get('id', f'id_{name}')}_liste"
        attrs = (attrs or {}) | {"list": list_id, "autocomplete": "off"}
        return format_html(
            '{}<datalist id="{}">{}</datalist>',
            super().render(name, value, attrs, renderer),
            list_id,
            format_html_join("", '<option value="{}"></option>', ((it,) for it in self.proposals)),
        )


class LongSelect(forms.Select):
    """A select of many options, written at once: Django asks two templates for each option."""

    def render(self, name, value, attrs=None, renderer=None):
        widget = self.get_context(name, value, attrs)["widget"]
        options = format_html_join(
            "\n",
            '<option value="{}"{}>{}</option>',
            (
                (option["value"], " selected" if option["selected"] else "", option["label"])
                for _, group, _ in widget["optgroups"]
                for option in group
            ),
        )
        return format_html(
            '<select name="{}"{}>\n{}\n</select>', name, flatatt(widget["attrs"]), options
        )


class SearchableSelect(LongSelect):
    """A select so long that one finds an option by typing (`static/js/combobox.js`)."""

    def __init__(self, attrs=None, choices=()):
        super().__init__({"data-tps-combobox": True} | (attrs or {}), choices)
