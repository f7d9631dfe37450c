"""The form of a rule of ineligibility: when it applies, and what the usager is told."""

from django import forms

from commun.forms import TpsFormHelper
from procedures.conditions.regle import MESSAGE_MAX


class IneligibiliteMessageForm(forms.Form):
    """What the usager is told; the condition is a `ConditionForm` beside it."""

    message = forms.CharField(
        label="Message à l’usager",
        help_text="Dites pourquoi la demande n’est pas possible et vers qui se tourner. Les "
        "adresses web deviennent des liens.",
        max_length=MESSAGE_MAX,
        error_messages={"required": "Écrivez le message que l’usager lira."},
        widget=forms.Textarea({"rows": 4}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.helper = TpsFormHelper()
        self.use_required_attribute = False
