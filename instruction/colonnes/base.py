"""What a column is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils import formats, timezone

from dossiers.models import Dossier, DossierQuerySet
from instruction.colonnes import sql
from procedures.champs.colonne import ColumnKind
from procedures.champs.nombre import format_number

Choices = list[tuple[str, str]]


@dataclass(frozen=True)
class Cellule:
    """What a row shows in a column; `moment` is a date that the markup carries too."""

    key: str
    label: str
    text: str
    moment: date | datetime | None = None


@dataclass(frozen=True)
class Colonne:
    """A column of the list, chosen by its key: `d.…` dossier, `e.…` company, `c.…` champ, `a.…`.

    `typed` is the expression it is compared by (a TEXT, CHOICE, TICK and BOOLEAN one gives text);
    `shown`, the one whose value `read` makes readable, None where the row has it already.
    """

    key: str
    label: str
    group: str
    kind: ColumnKind
    typed: Any = None
    shown: Any = None
    read: Callable[[Any], str] = str
    # What a row has already.
    of_row: Callable[[Dossier], Any] | None = None
    list_choices: Callable[[], Choices] = field(default=list)
    # How dossiers are picked where the column is no expression: labels, people who follow.
    picks: Callable[[list[str]], Q] | None = None
    picks_none: Callable[[], Q] | None = None
    # Whether `Dossier.search_vector` holds its words: their index then serves a filter.
    is_searched: bool = False
    # The field it is sorted by where that is never NULL and an index follows it.
    sort_field: str = ""
    prefetch: str = ""

    @property
    def alias(self) -> str:
        """Return the name of the annotation by which it is sorted and filtered."""
        return "par_" + self.key.replace(".", "_").replace("-", "_")

    @property
    def shown_alias(self) -> str:
        """Return the name of the annotation that a row shows."""
        return "vu_" + self.key.replace(".", "_").replace("-", "_")

    @property
    def is_sortable(self) -> bool:
        """Tell whether a list may be sorted by it."""
        return self.typed is not None and self.kind not in (
            ColumnKind.CHOICES,
            ColumnKind.PRESENCE,
        )

    @property
    def is_text(self) -> bool:
        """Tell whether it is compared as a text without accents or case."""
        return self.kind == ColumnKind.TEXT

    def with_shown(self, dossiers: DossierQuerySet) -> DossierQuerySet:
        """Fetch what the rows show in it."""
        if self.prefetch:
            return dossiers.prefetch_related(self.prefetch)
        if self.of_row is not None or self.shown is None:
            return dossiers
        return dossiers.annotate(**{self.shown_alias: self.shown})

    def with_order(self, dossiers: DossierQuerySet) -> DossierQuerySet:
        """Add the annotation by which the list is sorted."""
        expression = sql.folded(self.typed) if self.is_text else self.typed
        return dossiers.annotate(**{self.alias: expression})

    def cell(self, dossier: Dossier) -> Cellule:
        """Return what a row fetched by `with_shown` shows."""
        value = (
            self.of_row(dossier) if self.of_row is not None else getattr(dossier, self.shown_alias)
        )
        moment = value if isinstance(value, date) else None
        return Cellule(self.key, self.label, self._text(value), moment)

    def _text(self, value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, datetime):
            return formats.date_format(timezone.localtime(value), "d/m/Y H:i")
        if isinstance(value, date):
            return formats.date_format(value, "d/m/Y")
        try:
            return self.read(value)
        except (ValueError, TypeError, KeyError, ArithmeticError, AttributeError):
            # An answer to the champ as an older revision had it.
            return str(value)


def read_number(value: Any) -> str:
    """Return a number as one reads it."""
    return format_number(value)
