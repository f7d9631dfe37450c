"""The forms of an outline: the text pasted, then what each line becomes."""

import pydantic
from django import forms
from django.core.exceptions import ValidationError

from commun.forms import LongSelect, TpsFormHelper
from procedures.champs import CHAMP_TYPES, Champ, new_champ
from procedures.champs.bloc import row_label_of
from procedures.champs.choix import OptionsField
from procedures.champs.presentation import PARAGRAPHE_MAX
from procedures.enums import CHAMPS_MAX
from procedures.part import CHAMPS, Part
from procedures.plan import Guess, read_outline
from procedures.validation import french_error

PLAN_MAX = 200_000


def _type_choices(part: Part) -> list:
    """Return the types of champ by group, after the choice to leave the line out."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for name, champ_class in part.types.items():
        groups.setdefault(champ_class.group, []).append((name, champ_class.name))
    return [("", "Ne pas insérer"), *((group, items) for group, items in groups.items())]


class PlanForm(forms.Form):
    """An outline to read; `cleaned_data["text"]` is the list of guesses."""

    text = forms.CharField(
        label="Votre plan",
        help_text="Une question par ligne. Les lignes avec un tiret ou en retrait sous une "
        "question en sont les options, comme dans « Type : A ; B ; C » ; un # en début de ligne "
        "fait un titre ; (facultatif) rend la réponse facultative ; les lignes en retrait sous "
        "« Dépenses (à répéter) » font un bloc répétable.",
        max_length=PLAN_MAX,
        strip=False,
        error_messages={
            "required": "Collez au moins une ligne.",
            "max_length": "Ce plan est trop long : collez-le en plusieurs fois.",
        },
        widget=forms.Textarea({"rows": 14, "spellcheck": "false"}),
    )

    def __init__(self, *args, part: Part = CHAMPS, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.part = part
        self.use_required_attribute = False
        self.helper = TpsFormHelper()
        self.fields["text"].widget.attrs.pop("maxlength", None)

    def clean_text(self) -> list[Guess]:
        guesses = read_outline(self.cleaned_data["text"])
        if not guesses:
            raise ValidationError("Collez au moins une ligne qui contienne une question.")
        if len(guesses) > self.part.champs_max:
            raise ValidationError(
                f"Ce plan donne {len(guesses)} champs : un formulaire en compte au plus "
                f"{self.part.champs_max}. Collez-le en plusieurs fois."
            )
        return guesses


class LigneForm(forms.Form):
    """What one line becomes; without type, nothing."""

    label = forms.CharField(
        max_length=PARAGRAPHE_MAX, error_messages={"required": "Donnez un intitulé à ce champ."}
    )
    type = forms.ChoiceField(
        required=False,
        widget=LongSelect({"class": "fr-select"}),
        error_messages={"invalid_choice": "Choisissez un type de la liste."},
    )
    required = forms.BooleanField(required=False)
    options = OptionsField(required=False, widget=forms.Textarea({"class": "fr-input", "rows": 4}))
    # In the bloc répétable that precedes it.
    inside = forms.BooleanField(required=False)

    use_required_attribute = False

    def __init__(self, *args, part: Part = CHAMPS, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["type"].choices = _type_choices(part)

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("type") and not self.errors:
            try:
                self.champ = _champ_of(
                    **{name: cleaned[name] for name in ("type", "label", "required", "options")}
                )
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

    @property
    def may_be_inside(self) -> bool:
        """Tell whether the line stands under a bloc: only then may it leave it."""
        return bool(self["inside"].value())


class LignesFormSet(
    forms.formset_factory(LigneForm, extra=0, max_num=CHAMPS_MAX, absolute_max=CHAMPS_MAX)
):
    """The lines to review; `champs` are those to insert."""

    def __init__(self, data=None, guesses=(), part: Part = CHAMPS):
        initial = [
            {
                "label": guess.label,
                "type": _type_in(part, guess),
                "required": guess.required,
                "options": list(guess.options),
                "inside": guess.inside,
            }
            for guess in guesses
        ]
        form_kwargs = {"label_suffix": "", "part": part}
        super().__init__(data, initial=initial, prefix="ligne", form_kwargs=form_kwargs)

    def clean(self):
        if not self.champs and not any(self.errors):
            raise ValidationError("Gardez au moins une ligne à insérer.")

    @property
    def champs(self) -> list[Champ]:
        """Return the champs of the lines that keep a type, each told the bloc it stands in."""
        champs, bloc = [], None
        for form in self.forms:
            if not hasattr(form, "champ"):
                continue
            champ, is_inside = form.champ, form.cleaned_data["inside"]
            if champ.is_bloc:
                bloc = champ.id
            elif not is_inside or champ.is_section:
                bloc = None
            elif bloc is not None:
                champ = champ.model_copy(update={"bloc": bloc})
            champs.append(champ)
        return champs


def _type_in(part: Part, guess: Guess) -> str:
    """Return the type of a guess, or what comes near to it where the part has no such type."""
    near = {"engagement": "case_a_cocher", "bloc_repetable": "titre_de_section"}
    return guess.type if guess.type in part.types else near.get(guess.type, "texte_court")


def _champ_of(*, type: str, label: str, required: bool, options: list[str]) -> Champ:
    """Return a new champ of what its type can hold. Raises pydantic.ValidationError."""
    champ_class = CHAMP_TYPES[type]
    asked = champ_class.property_fields()
    properties = {"required": required, "options": options}
    properties = {name: value for name, value in properties.items() if name in asked}
    if "text" in champ_class.model_fields:
        return new_champ(type, text=label, **properties)
    label = " ".join(label.split())
    if champ_class.is_bloc:
        properties["row_label"] = row_label_of(label)
    return new_champ(type, label=label, **properties)
