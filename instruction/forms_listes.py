"""Forms of the lists of dossiers: a filter, the columns, a name for a list."""

from django import forms

from commun.forms import FilterableCheckboxes, SearchableSelect, TpsFormHelper
from instruction.colonnes import Catalogue, Colonne
from instruction.colonnes.catalogue import COLUMNS_MAX, FIXED_COLUMNS
from instruction.colonnes.filtres import EMPTY, FILLED, VALUE_MAX, Filtre, write_filter
from instruction.colonnes.periodes import PERIODS
from instruction.models import VueEnregistree
from procedures.champs.colonne import ColumnKind

CHOICES_SHOWN_AS_LIST = 12
_PRESENCE = [("", "Peu importe"), (EMPTY, "Est vide"), (FILLED, "Est rempli")]


class ColonneForm(forms.Form):
    """Which column to filter by."""

    colonne = forms.ChoiceField(
        label="Filtrer selon",
        widget=SearchableSelect,
        error_messages={"invalid_choice": "Choisissez une colonne de la liste."},
    )

    def __init__(self, catalogue: Catalogue, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = TpsFormHelper(mark_optional=False)
        self.helper.disable_csrf = True  # sent by GET: the token stays out of the address
        groups = [
            (group, [(column.key, column.label) for column in columns])
            for group, columns in catalogue.by_group()
        ]
        self.fields["colonne"].choices = [("", "Sélectionnez une colonne"), *groups]


class FiltreForm(forms.Form):
    """What the dossiers must have in one column; its fields depend on the kind of the column."""

    def __init__(self, colonne: Colonne, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.colonne = colonne
        self.helper = TpsFormHelper(mark_optional=False)
        self.helper.disable_csrf = True  # sent by GET: the token stays out of the address
        self.use_required_attribute = False
        self.fields |= _FIELDS[colonne.kind](colonne)
        if colonne.kind != ColumnKind.TICK:
            self.fields["presence"] = forms.ChoiceField(
                label="Présence", choices=_PRESENCE, required=False
            )

    def clean(self):
        """Write the filter, and refuse one that means nothing."""
        data = super().clean()
        if self.errors:
            return data
        self.raw = self._write(data)
        error = Filtre(self.raw, self.colonne, *self._parts(data)).error
        if error:
            self.add_error(None, error)
        return data

    def _parts(self, data) -> tuple[str, tuple[str, ...]]:
        if data.get("presence"):
            return data["presence"], ()
        if self.colonne.kind == ColumnKind.TEXT:
            return "egal" if data["exact"] else "contient", (data["texte"],)
        if self.colonne.kind in (ColumnKind.CHOICE, ColumnKind.CHOICES):
            return "parmi", tuple(data["choix"])
        if self.colonne.kind in (ColumnKind.BOOLEAN, ColumnKind.TICK):
            return data["reponse"] or "oui", ()
        if self.colonne.kind == ColumnKind.PRESENCE:
            return FILLED, ()
        if data.get("periode"):
            return "periode", (data["periode"],)
        return "entre", (data["minimum"], data["maximum"])

    def _write(self, data) -> str:
        operator, values = self._parts(data)
        return write_filter(self.colonne.key, operator, list(values))


def _text_fields(colonne: Colonne) -> dict[str, forms.Field]:
    return {
        "texte": forms.CharField(
            label="Contient",
            help_text="Chaque mot, ou son début, sans tenir compte des accents ni des majuscules.",
            max_length=VALUE_MAX,
            required=False,
        ),
        "exact": forms.BooleanField(label="C’est toute la réponse", required=False),
    }


def _range_fields(low: str, high: str, widget: forms.Widget) -> dict[str, forms.Field]:
    return {
        "minimum": forms.CharField(label=low, required=False, max_length=30, widget=widget),
        "maximum": forms.CharField(label=high, required=False, max_length=30, widget=widget),
    }


def _number_fields(colonne: Colonne) -> dict[str, forms.Field]:
    return _range_fields("Au moins", "Au plus", forms.TextInput({"inputmode": "decimal"}))


def _date_fields(colonne: Colonne) -> dict[str, forms.Field]:
    fields = _range_fields("À partir du", "Jusqu’au", forms.DateInput({"type": "date"}))
    periods = [("", "Les dates ci-dessous"), *PERIODS.items()]
    period = forms.ChoiceField(label="Période", choices=periods, required=False)
    return {"periode": period} | fields


def _choice_fields(colonne: Colonne) -> dict[str, forms.Field]:
    choices = colonne.list_choices()
    is_long = len(choices) > CHOICES_SHOWN_AS_LIST
    return {
        "choix": forms.MultipleChoiceField(
            label="Est",
            choices=choices,
            required=False,
            widget=FilterableCheckboxes if is_long else forms.CheckboxSelectMultiple,
            error_messages={"invalid_choice": "Choisissez des réponses de la liste."},
        )
    }


def _boolean_fields(colonne: Colonne) -> dict[str, forms.Field]:
    return {
        "reponse": forms.ChoiceField(
            label="Réponse",
            choices=[("oui", "Oui"), ("non", "Non")],
            required=False,
            widget=forms.RadioSelect,
        )
    }


_FIELDS = {
    ColumnKind.TEXT: _text_fields,
    ColumnKind.NUMBER: _number_fields,
    ColumnKind.DATE: _date_fields,
    ColumnKind.MOMENT: _date_fields,
    ColumnKind.CHOICE: _choice_fields,
    ColumnKind.CHOICES: _choice_fields,
    ColumnKind.BOOLEAN: _boolean_fields,
    ColumnKind.TICK: _boolean_fields,
    ColumnKind.PRESENCE: lambda colonne: {},
}


class ColonnesForm(forms.Form):
    """The columns that a person wants to see, a field for each group."""

    def __init__(self, catalogue: Catalogue, chosen: list[str], *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = TpsFormHelper(mark_optional=False)
        for rank, (group, columns) in enumerate(catalogue.by_group()):
            choices = [
                (column.key, column.label) for column in columns if column.key not in FIXED_COLUMNS
            ]
            is_long = len(choices) > CHOICES_SHOWN_AS_LIST
            self.fields[f"groupe{rank}"] = forms.MultipleChoiceField(
                label=group,
                choices=choices,
                initial=[key for key in chosen if key in dict(choices)],
                required=False,
                widget=FilterableCheckboxes if is_long else forms.CheckboxSelectMultiple,
            )

    def clean(self):
        data = super().clean()
        self.keys = [key for name in self.fields for key in data.get(name, [])]
        if len(self.keys) > COLUMNS_MAX:
            raise forms.ValidationError(
                f"Gardez {COLUMNS_MAX} colonnes au plus : vous en avez choisi {len(self.keys)}."
            )
        return data


class VueForm(forms.ModelForm):
    """The name under which a person keeps a list."""

    class Meta:
        model = VueEnregistree
        fields = ["name"]
        error_messages = {"name": {"required": "Donnez un nom à cette vue."}}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = TpsFormHelper()
        self.use_required_attribute = False
        self.fields["name"].label = "Nom de la vue"

    def clean_name(self):
        """Refuse a name that the person gave another of their lists."""
        name = " ".join(self.cleaned_data["name"].replace("\x00", "").split())
        mine = VueEnregistree.objects.filter(
            user_id=self.instance.user_id, procedure_id=self.instance.procedure_id, name=name
        )
        if mine.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("Vous avez déjà une vue de ce nom : donnez-en un autre.")
        return name
