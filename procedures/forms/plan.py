"""The forms of an outline: the text pasted, then what each line becomes."""

import pydantic
from django import forms
from django.core.exceptions import ValidationError

from commun.forms import LongSelect, TpsFormHelper
from procedures.champs import CHAMP_TYPES, Champ, new_champ
from procedures.champs.choix import OptionsField
from procedures.champs.presentation import PARAGRAPHE_MAX
from procedures.enums import CHAMPS_MAX
from procedures.plan import Guess, read_outline
from procedures.validation import french_error

PLAN_MAX = 200_000


def _type_choices() -> list:
    """Return the types of champ by group, after the choice to leave the line out."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for name, champ_class in CHAMP_TYPES.items():
        groups.setdefault(champ_class.group, []).append((name, champ_class.name))
    return [("", "Ne pas insérer"), *((group, items) for group, items in groups.items())]


class PlanForm(forms.Form):
    """An outline to read; `cleaned_data["text"]` is the list of guesses."""

    text = forms.CharField(
        label="Votre plan",
        help_text="Une question par ligne. Les lignes avec un tiret ou en retrait sous une "
        "question en sont les options ; un # en début de ligne fait un titre ; (facultatif) rend "
        "la réponse facultative.",
        max_length=PLAN_MAX,
        strip=False,
        error_messages={
            "required": "Collez au moins une ligne.",
            "max_length": "Ce plan est trop long : collez-le en plusieurs fois.",
        },
        widget=forms.Textarea({"rows": 14, "spellcheck": "false"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.use_required_attribute = False
        self.helper = TpsFormHelper()
        self.fields["text"].widget.attrs.pop("maxlength", None)

    def clean_text(self) -> list[Guess]:
        guesses = read_outline(self.cleaned_data["text"])
        if not guesses:
            raise ValidationError("Collez au moins une ligne qui contienne une question.")
        if len(guesses) > CHAMPS_MAX:
            raise ValidationError(
                f"Ce plan donne {len(guesses)} champs : un formulaire en compte au plus "
                f"{CHAMPS_MAX}. Collez-le en plusieurs fois."
            )
        return guesses


class LigneForm(forms.Form):
    """What one line becomes; without type, nothing."""

    label = forms.CharField(
        max_length=PARAGRAPHE_MAX, error_messages={"required": "Donnez un intitulé à ce champ."}
    )
    type = forms.ChoiceField(
        choices=_type_choices,
        required=False,
        widget=LongSelect({"class": "fr-select"}),
        error_messages={"invalid_choice": "Choisissez un type de la liste."},
    )
    required = forms.BooleanField(required=False)
    options = OptionsField(required=False, widget=forms.Textarea({"class": "fr-input", "rows": 4}))

    use_required_attribute = False

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("type") and not self.errors:
            try:
                self.champ = _champ_of(**cleaned)
            except pydantic.ValidationError as error:
                for item in error.errors(include_url=False):
                    name = item["loc"][0] if item["loc"] else ""
                    place = name if name in self.fields else "label"
                    self.add_error(place, french_error(item))
        return cleaned

    @property
    def has_options(self) -> bool:
        """Tell whether options stand beneath the line: only then are they shown."""
        return bool(self["options"].value())


class LignesFormSet(
    forms.formset_factory(LigneForm, extra=0, max_num=CHAMPS_MAX, absolute_max=CHAMPS_MAX)
):
    """The lines to review; `champs` are those to insert."""

    def __init__(self, data=None, guesses=()):
        initial = [
            {
                "label": guess.label,
                "type": guess.type,
                "required": guess.required,
                "options": list(guess.options),
            }
            for guess in guesses
        ]
        super().__init__(data, initial=initial, prefix="ligne", form_kwargs={"label_suffix": ""})

    def clean(self):
        if not self.champs and not any(self.errors):
            raise ValidationError("Gardez au moins une ligne à insérer.")

    @property
    def champs(self) -> list[Champ]:
        """Return the champs of the lines that keep a type."""
        return [form.champ for form in self.forms if hasattr(form, "champ")]


def _champ_of(*, type: str, label: str, required: bool, options: list[str]) -> Champ:
    """Return a new champ of what its type can hold. Raises pydantic.ValidationError."""
    champ_class = CHAMP_TYPES[type]
    asked = champ_class.property_fields()
    properties = {"required": required, "options": options}
    properties = {name: value for name, value in properties.items() if name in asked}
    if "text" in champ_class.model_fields:
        return new_champ(type, text=label, **properties)
    return new_champ(type, label=" ".join(label.split()), **properties)
