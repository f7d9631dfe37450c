"""Filters of a list, as its address holds them: `f=c.abc~contient~paris`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from urllib.parse import unquote

from django.db.models import Q, Value
from django.utils import formats

from commun.text import fold, words
from dossiers.models import DossierQuerySet
from dossiers.models.queryset import search_query
from instruction.colonnes import sql
from instruction.colonnes.base import Colonne
from instruction.colonnes.catalogue import Catalogue
from instruction.colonnes.periodes import PERIODS, beginning_of, days_of
from procedures.champs.autre import AUTRE, AUTRE_KEY
from procedures.champs.colonne import ColumnKind

FILTERS_MAX = 10
VALUE_MAX = 300
EMPTY, FILLED = "vide", "rempli"
OPERATORS = {
    "contient": "contient",
    "egal": "est exactement",
    "entre": "est entre",
    "periode": "tombe",
    "parmi": "est parmi",
    "oui": "est oui",
    "non": "est non",
    EMPTY: "est vide",
    FILLED: "est rempli",
}
_PRESENCE = (EMPTY, FILLED)
OPERATORS_OF_KIND = {
    ColumnKind.TEXT: ("contient", "egal", *_PRESENCE),
    ColumnKind.NUMBER: ("entre", "egal", *_PRESENCE),
    ColumnKind.DATE: ("entre", "periode", *_PRESENCE),
    ColumnKind.MOMENT: ("entre", "periode", *_PRESENCE),
    ColumnKind.CHOICE: ("parmi", *_PRESENCE),
    ColumnKind.CHOICES: ("parmi", *_PRESENCE),
    ColumnKind.BOOLEAN: ("oui", "non", *_PRESENCE),
    ColumnKind.TICK: ("oui", "non"),
    ColumnKind.PRESENCE: _PRESENCE,
}


class FiltreError(ValueError):
    """A filter that means nothing; says in French what to do."""


@dataclass(frozen=True)
class Filtre:
    """One filter, read from an address, whether it means something or not."""

    raw: str
    colonne: Colonne | None
    operator: str
    values: tuple[str, ...]

    @classmethod
    def read(cls, raw: str, catalogue: Catalogue) -> "Filtre":
        """Read one parameter `f`."""
        key, operator, *values = [*raw.split("~"), "", ""][: max(2, raw.count("~") + 1)]
        return cls(
            raw, catalogue.get(key), operator, tuple(unquote(value)[:VALUE_MAX] for value in values)
        )

    @property
    def error(self) -> str:
        """Return what is wrong with it, an empty string for nothing."""
        try:
            self.rule()
        except FiltreError as error:
            return str(error)
        return ""

    @property
    def label(self) -> str:
        """Return the filter as one reads it."""
        if self.colonne is None:
            return "Filtre inconnu"
        return f"{self.colonne.label} {self._said()}".strip()

    def apply(self, dossiers: DossierQuerySet) -> DossierQuerySet:
        """Return those of `dossiers` that pass; all of them when it means nothing."""
        try:
            return self.rule()(dossiers)
        except FiltreError:
            return dossiers

    def rule(self) -> Callable[[DossierQuerySet], DossierQuerySet]:
        """Return what picks dossiers. Raises FiltreError."""
        if self.colonne is None:
            raise FiltreError(
                "Cette colonne n’existe pas dans cette procédure : retirez ce filtre."
            )
        if self.operator not in OPERATORS_OF_KIND[self.colonne.kind]:
            raise FiltreError(
                f"« {self.colonne.label} » ne se filtre pas ainsi : refaites le filtre."
            )
        if self.operator in _PRESENCE:
            return _by(self.colonne, _presence(self.colonne, is_filled=self.operator == FILLED))
        return _RULES[self.colonne.kind](self.colonne, self.operator, list(self.values))

    def _said(self) -> str:
        if self.operator == "periode":
            return f"tombe {PERIODS.get(self.values[0] if self.values else '', '?')}"
        if self.operator == "entre":
            return _said_range([*self.values, "", ""][:2], self.colonne.kind)
        verb = OPERATORS.get(self.operator, "?")
        if self.operator == "parmi":
            names = dict(self.colonne.list_choices())
            shown = " ou ".join(f"« {names.get(value, value)} »" for value in self.values)
            return f"est {shown}"
        return f"{verb} « {self.values[0]} »" if self.values and self.values[0] else verb


def write_filter(key: str, operator: str, values: list[str]) -> str:
    """Return the parameter `f` that `Filtre.read` reads."""
    escaped = [value.replace("%", "%25").replace("~", "%7E") for value in values]
    return "~".join([key, operator, *escaped])


def _by(colonne: Colonne, rule: Q) -> Callable[[DossierQuerySet], DossierQuerySet]:
    def pick(dossiers: DossierQuerySet) -> DossierQuerySet:
        if colonne.typed is not None:
            dossiers = dossiers.alias(**{colonne.alias + "_f": colonne.typed})
        return dossiers.filter(rule)

    return pick


def _presence(colonne: Colonne, *, is_filled: bool) -> Q:
    if colonne.picks_none is not None:
        empty = colonne.picks_none()
    else:
        empty = Q(**{f"{colonne.alias}_f__isnull": True})
        if colonne.kind in (ColumnKind.TEXT, ColumnKind.CHOICE):
            empty |= Q(**{f"{colonne.alias}_f": ""})
        if colonne.kind in (ColumnKind.CHOICES, ColumnKind.PRESENCE):
            empty |= Q(**{f"{colonne.alias}_f": "[]"})
    return ~empty if is_filled else empty


def _text(colonne: Colonne, operator: str, values: list[str]):
    typed = values[0].strip() if values else ""
    if operator == "egal":
        if not typed:
            raise FiltreError("Donnez le texte à trouver.")
        target = sql.folded(colonne.typed)
        return lambda dossiers: dossiers.alias(**{colonne.alias + "_p": target}).filter(
            **{colonne.alias + "_p": fold(typed)}
        )
    terms = words(typed)[:10]
    if not terms:
        raise FiltreError("Donnez au moins un mot à chercher.")

    def pick(dossiers: DossierQuerySet) -> DossierQuerySet:
        # The index finds the dossiers that hold these words anywhere; each is then looked at.
        if colonne.is_searched and all(term.isalpha() for term in terms):
            dossiers = dossiers.filter(search_vector=search_query(typed))
        for term in terms:
            beginning = Value(rf"(^|[^a-z0-9]){term}")
            dossiers = dossiers.filter(sql.Contient(sql.folded(colonne.typed), beginning))
        return dossiers

    return pick


def _number(colonne: Colonne, operator: str, values: list[str]):
    low, high = ([*map(_read_number, values), None, None])[:2]
    if operator == "egal":
        if low is None:
            raise FiltreError("Donnez un nombre, par exemple 1 500,50.")
        return _by(colonne, Q(**{colonne.alias + "_f": low}))
    return _by(colonne, _between(colonne, low, high))


def _between(colonne: Colonne, low, high) -> Q:
    if low is None and high is None:
        raise FiltreError("Donnez au moins une des deux bornes.")
    if low is not None and high is not None and low > high:
        raise FiltreError("La première borne dépasse la seconde : échangez-les.")
    rule = Q()
    if low is not None:
        rule &= Q(**{colonne.alias + "_f__gte": low})
    if high is not None:
        rule &= Q(**{colonne.alias + "_f__lte": high})
    return rule


def _days(operator: str, values: list[str]) -> tuple[date | None, date | None]:
    if operator == "periode":
        try:
            return days_of(values[0] if values else "")
        except KeyError:
            raise FiltreError("Choisissez une période de la liste.") from None
    low, high = ([*map(_read_day, values), None, None])[:2]
    if low is not None and high is not None and low > high:
        raise FiltreError("Le premier jour vient après le second : échangez-les.")
    return low, high


def _date(colonne: Colonne, operator: str, values: list[str]):
    low, high = _days(operator, values)
    return _by(colonne, _between(colonne, low and low.isoformat(), high and high.isoformat()))


def _moment(colonne: Colonne, operator: str, values: list[str]):
    low, high = _days(operator, values)
    if low is None and high is None:
        raise FiltreError("Donnez au moins un des deux jours.")
    rule = Q()
    if low is not None:
        rule &= Q(**{colonne.alias + "_f__gte": beginning_of(low)})
    if high is not None:
        rule &= Q(**{colonne.alias + "_f__lt": beginning_of(high + timedelta(days=1))})
    return _by(colonne, rule)


def _choice(colonne: Colonne, operator: str, values: list[str]):
    values = [value for value in values if value]
    if not values:
        raise FiltreError("Choisissez au moins une réponse.")
    if colonne.picks is not None:
        return _by(colonne, colonne.picks(values))
    rule = Q(**{colonne.alias + "_f__in": values})
    if AUTRE in values:
        rule |= Q(**{colonne.alias + "_f__startswith": f'{{"{AUTRE_KEY}"'})
    return _by(colonne, rule)


def _choices(colonne: Colonne, operator: str, values: list[str]):
    values = [value for value in values if value]
    if not values:
        raise FiltreError("Choisissez au moins une réponse.")

    def pick(dossiers: DossierQuerySet) -> DossierQuerySet:
        rule = Q()
        for value in values:
            rule |= Q(**{colonne.alias + "_j__contains": [value]})
        if AUTRE in values:
            rule |= Q(**{colonne.alias + "_f__contains": f'{{"{AUTRE_KEY}"'})
        annotated = dossiers.alias(
            **{colonne.alias + "_j": colonne.shown, colonne.alias + "_f": colonne.typed}
        )
        return annotated.filter(rule)

    return pick


def _boolean(colonne: Colonne, operator: str, values: list[str]):
    yes = Q(**{colonne.alias + "_f": "true"})
    if operator == "oui":
        return _by(colonne, yes)
    if colonne.kind == ColumnKind.TICK:
        return _by(colonne, ~yes | Q(**{colonne.alias + "_f__isnull": True}))
    return _by(colonne, Q(**{colonne.alias + "_f": "false"}))


_RULES = {
    ColumnKind.TEXT: _text,
    ColumnKind.NUMBER: _number,
    ColumnKind.DATE: _date,
    ColumnKind.MOMENT: _moment,
    ColumnKind.CHOICE: _choice,
    ColumnKind.CHOICES: _choices,
    ColumnKind.BOOLEAN: _boolean,
    ColumnKind.TICK: _boolean,
}


def _read_number(typed: str) -> Decimal | None:
    text = "".join(typed.split()).replace(",", ".")
    if not text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite() or abs(number) >= Decimal(10) ** 18:
        raise FiltreError(f"« {typed} » n’est pas un nombre : écrivez par exemple 1 500,50.")
    return number


def _read_day(typed: str) -> date | None:
    text = typed.strip()
    if not text:
        return None
    day, month, year = text.split("/") if text.count("/") == 2 else ("", "", "")
    try:
        found = date.fromisoformat(f"{year:0>4}-{month:0>2}-{day:0>2}" if year else text)
    except ValueError:
        found = None
    if found is None or not 1000 <= found.year <= 9000:
        raise FiltreError(f"« {typed} » n’est pas une date : écrivez par exemple 23/11/2026.")
    return found


def _said_range(bounds: list[str], kind: ColumnKind) -> str:
    low, high = (_said_bound(bound, kind) for bound in bounds)
    is_date = kind in (ColumnKind.DATE, ColumnKind.MOMENT)
    if low and high:
        return f"du {low} au {high}" if is_date else f"de {low} à {high}"
    if low:
        return f"à partir du {low}" if is_date else f"au moins {low}"
    return f"jusqu’au {high}" if is_date else f"au plus {high}"


def _said_bound(bound: str, kind: ColumnKind) -> str:
    if kind not in (ColumnKind.DATE, ColumnKind.MOMENT):
        return bound
    try:
        day = _read_day(bound)
    except FiltreError:
        return bound
    return formats.date_format(day, "d/m/Y") if day else ""
