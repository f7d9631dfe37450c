"""What the confirmation of a batch asks for."""

from django import forms
from django.contrib.auth import get_user_model

from commun.forms import TpsFormHelper
from dossiers.enums import MESSAGE_MAX, MOTIVATION_MAX
from instruction.lots.actions import LotAction
from instruction.reponses_types import offered_balises
from procedures.balises import check_balises
from procedures.models import Affectation, Label, Procedure

_TEXTS = {
    "motivation": ("Motivation", MOTIVATION_MAX, "Écrivez la motivation de ces décisions."),
    "message": ("Message", MESSAGE_MAX, "Écrivez le message à envoyer."),
}


class LotForm(forms.Form):
    """The words, or the person, that the action asks for."""

    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args, action: LotAction, procedure: Procedure, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = TpsFormHelper()
        self.use_required_attribute = False
        self.action, self.procedure = action, procedure
        self.balises = []
        if action.asks in _TEXTS:
            self.balises = offered_balises(procedure)
            self.fields[action.asks] = self._text(*_TEXTS[action.asks])
        elif action.asks == "colleague":
            self.fields["colleague"] = self._colleague()
        elif action.asks == "label":
            self.fields["label"] = self._label()

    def clean(self):
        """Refuse balises that would be sent as they are written."""
        cleaned = super().clean()
        if self.action.asks in _TEXTS and cleaned.get(self.action.asks):
            text = cleaned[self.action.asks].replace("\r\n", "\n")
            cleaned[self.action.asks] = text
            try:
                check_balises(text, self.balises)
            except forms.ValidationError as error:
                self.add_error(self.action.asks, error)
        return cleaned

    @property
    def parameters(self) -> dict:
        """Return what the batch keeps of it."""
        if not self.action.asks:
            return {}
        value = self.cleaned_data[self.action.asks]
        return {self.action.asks: getattr(value, "pk", value)}

    def _text(self, label: str, max_length: int, required: str) -> forms.CharField:
        return forms.CharField(
            label=label,
            max_length=max_length,
            required=self.action.is_required,
            help_text="Le même texte pour tous. Les balises sont remplacées par ce qu’elles "
            "désignent dans chaque dossier.",
            error_messages={"required": required},
            widget=forms.Textarea({"rows": 6, "data-tps-balise-field": ""}),
        )

    def _colleague(self) -> forms.ModelChoiceField:
        members = Affectation.objects.filter(procedure=self.procedure).values("user_id")
        return forms.ModelChoiceField(
            get_user_model().objects.filter(pk__in=members).order_by("last_name", "email"),
            label="Collègue",
            empty_label="Choisissez une personne",
            help_text="Un accompagnateur de la procédure.",
            error_messages={"required": "Choisissez à qui confier ces dossiers."},
        )

    def _label(self) -> forms.ModelChoiceField:
        return forms.ModelChoiceField(
            Label.objects.filter(procedure=self.procedure),
            label="Label",
            empty_label="Choisissez un label",
            help_text="Un label de la procédure ; l’administrateur les crée.",
            error_messages={
                "required": "Choisissez le label à ajouter.",
                "invalid_choice": "Ce label n’existe plus : choisissez-en un autre.",
            },
        )
