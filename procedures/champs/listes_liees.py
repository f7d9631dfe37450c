"""Two lists, the second of which depends on what is chosen in the first."""

from collections.abc import Iterable
from typing import Any, Literal

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from pydantic import Field, JsonValue, field_validator

from commun.forms import LongSelect
from procedures.champs.base import LABEL_MAX, Champ, IntituleField
from procedures.champs.choix import OPTION_LENGTH_MAX
from procedures.champs.colonne import ColumnKind
from procedures.conditions.comparaison import OF_CHOICE, Comparable
from procedures.conditions.regle import OPERAND_MAX, Operator, Regle

LINES_MAX = 1000
MARK = "--"
PLACEHOLDER = "Sélectionnez une option"

Lists = dict[str, list[str]]


def read_lists(lines: Iterable[str]) -> Lists:
    """Return the second lists by option of the first: `--Nord--`, then its own options.

    Empty lines count for nothing but the numbers of the others. Raises ValueError, which tells
    the line.
    """
    lists: Lists = {}
    current: list[str] | None = None
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if not text:
            continue
        primary = primary_of(text)
        name = text if primary is None else primary
        if not 0 < len(name) <= OPTION_LENGTH_MAX:
            raise ValueError(
                f"Ligne {number} : une option compte de 1 à {OPTION_LENGTH_MAX} caractères."
            )
        if primary is not None:
            if primary in lists:
                raise ValueError(f"Ligne {number} : « {primary} » est déjà plus haut.")
            current = lists[primary] = []
        elif current is None:
            raise ValueError(
                f"Ligne {number} : commencez par une option de la première liste, "
                f"« {MARK}{text[:40]}{MARK} »."
            )
        elif text in current:
            raise ValueError(f"Ligne {number} : « {text} » est deux fois sous la même option.")
        else:
            current.append(text)
    return lists


def primary_of(line: str) -> str | None:
    """Return the option of the first list that a line names, None for the second list."""
    if len(line) >= 2 * len(MARK) and line.startswith(MARK) and line.endswith(MARK):
        return line.strip("-").strip()
    return None


def _operand(primary: str, secondary: str = "") -> str:
    """Return the text by which a rule names an option of the first list, or a pair."""
    return f"{MARK}{primary}{MARK} {secondary}".rstrip()


class ListsField(forms.CharField):
    """Both lists typed or pasted; its value is the list of its lines."""

    widget = forms.Textarea

    def validate(self, value):
        pass

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value):
        lines = super().clean(value).splitlines()
        try:
            read_lists(lines)
        except ValueError as error:
            raise ValidationError(str(error), code="line") from None
        return [text for line in lines if (text := line.strip())]


class SecondarySelect(LongSelect):
    """The options of every second list, grouped by option of the first."""

    def __init__(self, lists: Lists):
        super().__init__({"data-tps-secondary": True})
        self.lists = lists
        self.primary = ""

    def render(self, name, value, attrs=None, renderer=None):
        chosen = (self.primary, value)
        groups = format_html_join(
            "\n",
            '<optgroup label="{}">{}</optgroup>',
            (
                (
                    primary,
                    format_html_join(
                        "",
                        '<option value="{}"{}>{}</option>',
                        (
                            (option, " selected" if (primary, option) == chosen else "", option)
                            for option in options
                        ),
                    ),
                )
                for primary, options in self.lists.items()
            ),
        )
        attributes = self.build_attrs(self.attrs, attrs)
        return format_html(
            '<select name="{}"{}>\n<option value="">{}</option>\n{}\n</select>',
            name,
            flatatt(attributes),
            PLACEHOLDER,
            groups,
        )


class LinkedSelects(forms.MultiWidget):
    """Two selects; `static/js/linked-lists.js` narrows the second."""

    def __init__(self, lists: Lists, labels: tuple[str, str]):
        options = [("", PLACEHOLDER), *((primary, primary) for primary in lists)]
        first = LongSelect({"data-tps-primary": True}, choices=options)
        super().__init__([first, SecondarySelect(lists)])
        self.linked_labels = labels

    def decompress(self, value):
        return list(value) if isinstance(value, list | tuple) else [value, None]

    def id_for_label(self, id_):
        return f"{id_}_0"

    def part(self, name: str, value: Any, rank: int, attrs: dict[str, Any]) -> str:
        """Render one of the two selects."""
        values = [*self.decompress(value), None, None]
        self.widgets[1].primary = values[0]
        return self.widgets[rank].render(f"{name}_{rank}", values[rank], attrs)

    def render(self, name, value, attrs=None, renderer=None):
        return format_html(
            "{}{}", *(self.part(name, value, rank, attrs or {}) for rank in range(2))
        )


class ListesLieesField(forms.Field):
    """A pair of options; its value is `[primary, secondary]`, or None."""

    def __init__(self, lists: Lists, labels: tuple[str, str], **kwargs):
        super().__init__(widget=LinkedSelects(lists, labels), **kwargs)
        self.lists = lists
        self.labels = labels

    def clean(self, value):
        items = value if isinstance(value, list | tuple) else [value]
        primary, secondary = [str(item or "") for item in [*items, "", ""][:2]]
        if not primary and not secondary:
            return super().clean(None)
        if not primary:
            raise ValidationError(f"Choisissez aussi une réponse dans « {self.labels[0]} ».")
        if primary not in self.lists:
            raise ValidationError("Choisissez des réponses dans les listes.", code="invalid_choice")
        if not secondary:
            raise ValidationError(f"Choisissez aussi une réponse dans « {self.labels[1]} ».")
        if secondary not in self.lists[primary]:
            raise ValidationError(
                f"« {secondary[:60]} » ne va pas avec « {primary} » : choisissez de nouveau.",
                code="invalid_choice",
            )
        return [primary, secondary]


class ListesLieesChamp(Champ):
    """A choice in two steps; the document holds its lists as the lines that are pasted."""

    name = "Listes liées"
    description = "Deux listes, la seconde selon la première : région puis ville"
    icon = "fr-icon-git-merge-line"
    group = "Choix"
    link_values_max = 2
    operators = OF_CHOICE
    # None that the browser knows: it waits for the server.
    comparison_kind = "linked"
    column_kind = ColumnKind.CHOICE
    column_path = ("0",)
    type: Literal["listes_liees"] = "listes_liees"
    lists: list[str] = Field(default_factory=list, max_length=LINES_MAX)
    secondary_label: str = Field(default="", max_length=LABEL_MAX)

    @field_validator("lists")
    @classmethod
    def check_lists(cls, lines: list[str]) -> list[str]:
        """Refuse lines that make no lists."""
        read_lists(lines)
        return [text for line in lines if (text := line.strip())]

    @classmethod
    def property_fields(cls) -> dict[str, forms.Field]:
        return super().property_fields() | {
            "lists": ListsField(
                label="Listes",
                help_text="Une option par ligne. Entourez de deux tirets celles de la première "
                "liste, par exemple --Nord-- ; écrivez ou collez dessous celles de la seconde.",
                widget=forms.Textarea({"rows": 10}),
            ),
            "secondary_label": IntituleField(
                label="Intitulé de la seconde liste",
                help_text="« Précisez » par défaut.",
                required=False,
                max_length=LABEL_MAX,
            ),
        }

    def comparable(self, stored: JsonValue) -> Comparable | None:
        """Return the operands that name the answer: its pair, and its option of the first list."""
        if not isinstance(stored, list) or len(stored) != 2:
            return None
        primary, secondary = map(str, stored)
        return frozenset({_operand(primary), _operand(primary, secondary)})

    def read_operand(self, text: str) -> Comparable:
        if text not in dict(self.operand_choices()):
            raise ValueError(text)
        return text

    def operand_choices(self) -> list[tuple[str, str]]:
        choices: dict[str, str] = {}
        for primary, options in read_lists(self.lists).items():
            choices.setdefault(_operand(primary), primary)
            for option in options:
                choices.setdefault(_operand(primary, option), self.display([primary, option]))
        return [item for item in choices.items() if len(item[0]) <= OPERAND_MAX]

    def compares(self, regle: Regle, stored: JsonValue) -> bool:
        answer = self.comparable(stored)
        if answer is None or not regle.operator.takes_operand:
            return super().compares(regle, stored)
        is_named = not answer.isdisjoint(self.operands_of(regle))
        return is_named is not (regle.operator is Operator.IS_NOT)

    def missing_before_publication(self) -> str:
        lists = read_lists(self.lists)
        if len(lists) < 2:
            return "Donnez au moins deux options à la première liste."
        empty = next((primary for primary, options in lists.items() if not options), None)
        return "" if empty is None else f"Donnez au moins une option sous « {empty} »."

    @property
    def labels(self) -> tuple[str, str]:
        """Return the labels of both lists."""
        return self.label, self.secondary_label or "Précisez"

    def form_field(self) -> forms.Field:
        options = self.field_options(required="Choisissez une réponse dans chaque liste.")
        return ListesLieesField(read_lists(self.lists), self.labels, **options)

    def display(self, stored: JsonValue) -> str:
        return "" if stored is None else " – ".join(map(str, stored))

    def column_choices(self) -> list[tuple[str, str]]:
        return [(primary, primary) for primary in read_lists(self.lists)]

    def export_columns(self) -> list[str]:
        return [self.label, f"{self.label} ({self.labels[1]})"]

    def export_values(self, stored: JsonValue) -> list[Any]:
        return [None, None] if stored is None else list(stored)

    def api_value(self, stored: JsonValue) -> JsonValue:
        return None if stored is None else {"primaire": stored[0], "secondaire": stored[1]}

    def search_text(self, stored: JsonValue) -> str:
        return "" if stored is None else " ".join(map(str, stored))

    def sample(self) -> str:
        lists = read_lists(self.lists)
        pair = next(((primary, options[0]) for primary, options in lists.items() if options), None)
        return self.display(list(pair)) if pair else ""
