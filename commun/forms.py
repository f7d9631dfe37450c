"""The one crispy helper of every form."""

from crispy_forms.helper import FormHelper


class TpsFormHelper(FormHelper):
    """Render fields, errors and error summary; the template owns `<form>` and its button."""

    form_tag = False
    disable_csrf = False
    form_show_errors = True
    error_summary = True
