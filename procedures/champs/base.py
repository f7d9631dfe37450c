"""What every type of champ knows how to do."""

from typing import Annotated, Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from commun.markdown import linkify_text
from commun.text import fold
from entreprise_api.models import Etablissement
from procedures.champs.colonne import ColumnKind
from procedures.conditions.comparaison import Comparable, compare
from procedures.conditions.regle import Condition, Operator, Regle

ChampId = Annotated[str, Field(pattern=r"^[a-z0-9]{3,32}$")]
LABEL_MAX = 300
HELP_TEXT_MAX = 3000


class IntituleField(forms.CharField):
    """What a champ is called: one line, without spaces in excess."""

    default_error_messages = {"required": "Donnez un intitulé à ce champ."}

    def to_python(self, value):
        return " ".join(super().to_python(value).split())


class Champ(BaseModel):
    """One element of a form; each type of champ is a subclass named in `CHAMP_TYPES`.

    An answer has three forms: the *cleaned* value of its form field, the *stored* one in
    `Dossier.reponses` (JSON-safe, None for no answer), and its *display*.
    """

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, validate_assignment=True)

    name: ClassVar[str]
    description: ClassVar[str]
    icon: ClassVar[str] = "fr-icon-question-line"
    group: ClassVar[str] = "Questions"
    default_label: ClassVar[str] = "Nouvelle question"
    holds_answer: ClassVar[bool] = True
    holds_files: ClassVar[bool] = False
    is_section: ClassVar[bool] = False
    is_bloc: ClassVar[bool] = False
    links_dossier: ClassVar[bool] = False
    cites_etablissement: ClassVar[bool] = False
    # How its answer may be compared in a condition: none where it cannot be.
    operators: ClassVar[tuple[Operator, ...]] = ()
    # What the browser compares: see static/js/conditions.js.
    comparison_kind: ClassVar[str] = "text"
    # About how long the answer takes, in seconds, besides the reading.
    seconds: ClassVar[int] = 20
    # In a prefilled link, and from one procédure to the next: whether an answer may come by
    # itself, how many values it takes, the other types whose answers it takes as they are.
    is_prefillable: ClassVar[bool] = True
    link_values_max: ClassVar[int] = 1
    takes_from: ClassVar[tuple[str, ...]] = ()
    # Whether it takes the answers of any type, as a person reads them.
    takes_display: ClassVar[bool] = False
    # In a list of dossiers: what its answers are sorted and filtered as, and where in a stored
    # answer that stands.
    column_kind: ClassVar[ColumnKind] = ColumnKind.TEXT
    column_path: ClassVar[tuple[str, ...]] = ()
    template_name: ClassVar[str] = "procedures/champs/champ.html"
    label_max: ClassVar[int] = LABEL_MAX

    id: ChampId
    type: str
    label: str = Field(min_length=1, max_length=LABEL_MAX)
    help_text: str = Field(default="", max_length=HELP_TEXT_MAX)
    # Whether the help text is shown only when one asks for it.
    help_collapsed: bool = False
    required: bool = True
    # The bloc répétable it is repeated with, None for a champ that is asked once.
    bloc: ChampId | None = None
    # When it is asked; None: always.
    condition: Condition | None = None

    # --- in the builder -----------------------------------------------------------------------

    @classmethod
    def property_fields(cls) -> dict[str, forms.Field]:
        """Return the form fields of the properties an administrateur sets, by attribute name."""
        return {
            "label": IntituleField(label="Intitulé", max_length=cls.label_max),
            "help_text": forms.CharField(
                label="Aide à la saisie",
                help_text="Affichée sous l’intitulé. Les adresses web deviennent des liens.",
                required=False,
                max_length=HELP_TEXT_MAX,
                widget=forms.Textarea(attrs={"rows": 3}),
            ),
            "help_collapsed": forms.BooleanField(
                label="Replier l’aide",
                help_text="L’usager la déplie par « Voir l’aide » : pour une aide longue.",
                required=False,
            ),
            "required": forms.BooleanField(label="Réponse obligatoire", required=False),
        }

    def own_property_fields(self) -> dict[str, forms.Field]:
        """Return `property_fields`, which may depend on what this very champ is."""
        return self.property_fields()

    def property_values(self) -> dict[str, Any]:
        """Return the initial values of `property_fields`."""
        return {name: getattr(self, name) for name in self.property_fields()}

    def read_properties(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        """Return the properties, as the document holds them, of cleaned `own_property_fields`."""
        return cleaned

    def missing_before_publication(self) -> str:
        """Return what is still to be done on this champ, in French, or an empty string."""
        return ""

    # --- in conditions ------------------------------------------------------------------------

    def comparable(self, stored: JsonValue) -> Comparable | None:
        """Return what an answer is compared by, None when there is none."""
        return None if stored is None else fold(str(stored))

    def read_operand(self, text: str) -> Comparable:
        """Return what `text`, in a rule, is compared by. Raises ValueError when it reads nothing.

        Such a text is impossible: an option that was deleted, a date that does not exist.
        """
        return fold(text)

    def operand_choices(self) -> list[tuple[str, str]]:
        """Return the texts, with their labels, that a rule may compare with; empty: any text."""
        return []

    def clean_operand(self, typed: str) -> str:
        """Return the text that a rule keeps of what an administrateur typed or chose.

        Raises django's ValidationError, in French.
        """
        choices = self.operand_choices()
        if not typed.strip() or (choices and typed not in dict(choices)):
            raise ValidationError("Choisissez une réponse." if choices else "Donnez une valeur.")
        return typed.strip()

    def display_operand(self, text: str) -> str:
        """Return the text of a rule as a person reads it."""
        return dict(self.operand_choices()).get(text, text)

    def operands_of(self, regle: Regle) -> list[Comparable]:
        """Return what a rule on this champ compares with. Raises ValueError as `read_operand`."""
        return [self.read_operand(text) for text in regle.values]

    def satisfies(self, regle: Regle, stored: JsonValue) -> bool:
        """Tell whether an answer satisfies a rule; a rule that became impossible never does."""
        try:
            return self.compares(regle, stored)
        except (ValueError, ArithmeticError, TypeError, IndexError):
            return False

    def compares(self, regle: Regle, stored: JsonValue) -> bool:
        """Compare an answer as a rule says; raises what a comparison without meaning raises."""
        return compare(self.comparable(stored), regle.operator, self.operands_of(regle))

    def satisfies_hidden(self, regle: Regle) -> bool:
        """Tell whether a rule holds on this champ while it is hidden: it then has no answer."""
        return compare(None, regle.operator, [])

    # --- in a dossier -------------------------------------------------------------------------

    @property
    def field_name(self) -> str:
        """Return the name of the form field of this champ."""
        return f"champ_{self.id}"

    @property
    def help_html(self):
        """Return the help text escaped, with clickable addresses, folded where it should be."""
        text = linkify_text(self.help_text) if self.help_text else ""
        if not text or not self.help_collapsed:
            return text
        return format_html(
            '<details class="tps-aide"><summary>Voir l’aide'
            '<span class="fr-sr-only"> de « {} »</span></summary>{}</details>',
            self.label,
            text,
        )

    def form_field(self) -> forms.Field | None:
        """Return the field an usager fills in, None when there is nothing to type."""
        return None

    def field_options(self, hint: str = "", **error_messages: str) -> dict[str, Any]:
        """Return the arguments that all form fields share; a message says what to do.

        `hint` follows the help text of the administrateur: what the type itself asks for.
        """
        help_text = self.help_html or hint
        if self.help_html and hint:
            both = "{}{}" if self.help_collapsed else "{}<br>{}"
            help_text = format_html(both, self.help_html, hint)
        return {
            "label": self.label,
            "help_text": help_text,
            "required": self.required,
            "error_messages": {"required": "Répondez à cette question."} | error_messages,
        }

    def initial_answer(self) -> JsonValue:
        """Return the stored answer that a dossier begins with, None for none."""
        return None

    def to_stored(self, cleaned: Any) -> JsonValue:
        """Return the stored form of a cleaned value, None when it is empty."""
        return cleaned if cleaned not in ("", None) else None

    def to_initial(self, stored: JsonValue) -> Any:
        """Return what the form field shows for a stored value."""
        return stored

    def from_link(self, values: list[str]) -> JsonValue:
        """Return the stored form of what a prefilled link gives, None for nothing.

        The link is anybody's: its values are checked as what is typed. Raises ValidationError.
        """
        if len(values) > self.link_values_max:
            raise ValidationError("Cette question n’a pas autant de réponses.", code="many")
        field = self.form_field()
        field.required = False
        return self.to_stored(field.clean(values if self.link_values_max > 1 else values[0]))

    def to_link(self, stored: JsonValue) -> list[str]:
        """Return the values by which a prefilled link gives `stored`."""
        if stored is None:
            return []
        return [str(value) for value in stored] if isinstance(stored, list) else [str(stored)]

    def may_take(self, source: "Champ") -> bool:
        """Tell whether the answers to `source`, of another form, may answer this champ."""
        if not (self.is_prefillable and source.is_prefillable and source.holds_answer):
            return False
        return source.type in (self.type, *self.takes_from) or self.takes_display

    def take(self, source: "Champ", stored: JsonValue) -> JsonValue:
        """Return the answer that `stored`, given to `source`, makes here.

        Checked as what is typed. Raises ValidationError.
        """
        if source.type == self.type:
            field = self.form_field()
            field.required = False
            return self.to_stored(field.clean(source.to_initial(stored)))
        if source.type in self.takes_from:
            return self.from_link(source.to_link(stored))
        return self.from_link([source.display(stored)])

    def display(self, stored: JsonValue) -> str:
        """Return the answer as a person reads it, an empty string for no answer."""
        return "" if stored is None else str(stored)

    def column_choices(self) -> list[tuple[str, str]]:
        """Return the values, with their labels, by which a list is filtered."""
        return self.operand_choices()

    def column_parts(self) -> dict[str, str]:
        """Return the further columns of a list that a stored answer makes: keys and labels."""
        return {}

    def export_columns(self) -> list[str]:
        """Return the headings of this champ in an export."""
        return [self.label]

    def export_values(self, stored: JsonValue) -> list[Any]:
        """Return one typed value for each of `export_columns`."""
        return [stored]

    def etablissement_of(self, answer: Any) -> Etablissement | None:
        """Return the company that an answer names, None for none."""
        return None

    def api_value(self, stored: JsonValue) -> JsonValue:
        """Return the answer as the API gives it."""
        return stored

    def search_text(self, stored: JsonValue) -> str:
        """Return the text under which a dossier is found by this answer."""
        return self.display(stored)

    def sample(self) -> str:
        """Return an invented answer for previews."""
        return "Réponse de l’usager"
