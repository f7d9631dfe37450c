"""The form of the legal deadline of a procédure."""

from crispy_forms.layout import Fieldset, Layout
from django import forms

from commun.forms import RichRadioSelect, TpsFormHelper
from procedures.delais_legaux import RULE_FIELDS
from procedures.enums import CorrectionDuDelai, DebutDuDelai, EffetDuSilence, UniteDeDelai
from procedures.models import DELAI_LENGTH_MAX, DELAI_MOTIVATION_MAX, DelaiLegal

NONE = "aucun"
SECTION = "tps-form-section"


class DelaiLegalForm(forms.Form):
    """Whether silence means something, after how long, and whether TPS then decides."""

    effet = forms.ChoiceField(
        label="Que vaut le silence du service ?",
        choices=[(NONE, "Rien : aucun délai légal n’est suivi"), *EffetDuSilence.choices],
        widget=RichRadioSelect,
        error_messages={"required": "Choisissez ce que vaut le silence du service."},
    )
    length = forms.IntegerField(
        label="Durée du délai",
        min_value=1,
        max_value=DELAI_LENGTH_MAX,
        required=False,
        help_text="Deux mois, sauf si un texte en dispose autrement.",
        error_messages={
            "invalid": "Écrivez un nombre entier, par exemple 2.",
            "min_value": "Le délai est d’au moins 1.",
            "max_value": f"Le délai est d’au plus {DELAI_LENGTH_MAX}.",
        },
    )
    unit = forms.ChoiceField(label="Unité", choices=UniteDeDelai, required=False)
    start = forms.ChoiceField(
        label="Quand le délai commence-t-il ?",
        choices=DebutDuDelai,
        widget=RichRadioSelect,
        required=False,
        help_text="Le dossier est complet quand un accompagnateur le déclare, ou le passe en "
        "instruction. Le lendemain est le premier jour du délai.",
    )
    on_correction = forms.ChoiceField(
        label="Que fait une demande de correction ?",
        choices=CorrectionDuDelai,
        widget=RichRadioSelect,
        required=False,
    )
    is_automatic = forms.BooleanField(
        label="Décider automatiquement à la fin du délai",
        required=False,
        help_text="La nuit suivante, TPS accepte ou rejette le dossier resté sans réponse et "
        "l’écrit à l’usager. Sinon, le délai est seulement compté et le service averti.",
    )
    motivation = forms.CharField(
        label="Motivation de la décision automatique",
        required=False,
        max_length=DELAI_MOTIVATION_MAX,
        widget=forms.Textarea({"rows": 6}),
        help_text="L’usager la lit dans l’email et sur son dossier. Vide : un texte par défaut "
        "cite le code des relations entre le public et l’administration.",
    )

    def __init__(self, *args, delai: DelaiLegal | None, **kwargs):
        shown = delai or DelaiLegal()
        initial = {name: getattr(shown, name) for name in RULE_FIELDS}
        initial["effet"] = delai.effet if delai else NONE
        super().__init__(*args, initial=initial, **kwargs)
        self.use_required_attribute = False
        self.helper = TpsFormHelper(mark_optional=False)
        self.helper.layout = Layout(
            Fieldset("Silence du service", "effet", "length", "unit", css_class=SECTION),
            Fieldset("Calcul du délai", "start", "on_correction", css_class=SECTION),
            Fieldset("À la fin du délai", "is_automatic", "motivation", css_class=SECTION),
        )

    def clean_motivation(self) -> str:
        return self.cleaned_data["motivation"].replace("\r\n", "\n").strip()

    def clean(self):
        """Ask for what a deadline needs, where there is one."""
        cleaned = super().clean()
        if cleaned.get("effet") in (None, NONE):
            return cleaned
        needed = {
            "length": "Indiquez la durée du délai.",
            "unit": "Choisissez l’unité du délai.",
            "start": "Choisissez quand le délai commence.",
            "on_correction": "Choisissez ce que fait une demande de correction.",
        }
        for name, error in needed.items():
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, error)
        return cleaned

    @property
    def values(self) -> dict | None:
        """Return the rule, once valid; None for no deadline."""
        if self.cleaned_data["effet"] == NONE:
            return None
        return {name: self.cleaned_data[name] for name in RULE_FIELDS}
