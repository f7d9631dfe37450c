"""What is shown: a figure is a table, of which some columns are drawn."""

from dataclasses import dataclass, replace
from enum import Enum

from procedures.champs.nombre import format_number

# On a public page, a number of dossiers below this one could point at somebody.
PUBLIC_DOSSIERS_MIN = 5
HOURS_PER_DAY = 24
SECONDS_PER_DAY = HOURS_PER_DAY * 3600


class Masque(Enum):
    """A number that is not said, and what stands for it."""

    PETIT = f"moins de {PUBLIC_DOSSIERS_MIN}"
    DEDUIT = "non communiqué"


# None: there is nothing to compute it from.
Valeur = int | float | Masque | None


class Unite(Enum):
    """What a column counts."""

    DOSSIERS = ""
    JOURS = "j"
    POURCENT = "%"


class Dessin(Enum):
    """How a figure is drawn."""

    COLONNES = "colonnes"  # stacked, over time
    BARRES = "barres"  # one group of bars for each row


@dataclass(frozen=True)
class Serie:
    """A column of the table; `key` names its colour and its pattern."""

    key: str
    label: str
    unite: Unite = Unite.DOSSIERS
    is_drawn: bool = True
    # Whether it could be told from the others of its row.
    is_total: bool = False

    def write(self, value: Valeur) -> str:
        """Write a value in French: `1 204`, `3,5 j`, `8 h`, `72 %`, `moins de 5`, `–`."""
        if value is None:
            return "–"
        if isinstance(value, Masque):
            return value.value
        if self.unite == Unite.JOURS and value < 1:
            return f"{write_decimal(value * HOURS_PER_DAY)}\N{NO-BREAK SPACE}h"
        text = format_number(value) if isinstance(value, int) else write_decimal(value)
        return f"{text}\N{NO-BREAK SPACE}{self.unite.value}" if self.unite.value else text


@dataclass(frozen=True)
class Ligne:
    """A row of the table."""

    label: str
    values: tuple[Valeur, ...]


@dataclass(frozen=True)
class Figure:
    """A table with its title, what it counts, and how it is drawn."""

    slug: str
    title: str
    note: str
    first_column: str
    series: tuple[Serie, ...]
    lignes: tuple[Ligne, ...]
    dessin: Dessin = Dessin.BARRES
    empty_text: str = "Aucun dossier dans cette période."
    # Whether its rows share the same dossiers: a share of one tells of the others.
    is_partition: bool = False

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to draw."""
        return not any(value for ligne in self.lignes for value in ligne.values)

    @property
    def drawn(self) -> list[tuple[int, Serie]]:
        """Return the columns that are drawn, with their ranks."""
        return [(rank, serie) for rank, serie in enumerate(self.series) if serie.is_drawn]

    @property
    def written(self) -> list[tuple[str, list[str]]]:
        """Return the rows of the table as they are read."""
        return [
            (ligne.label, [s.write(v) for s, v in zip(self.series, ligne.values, strict=True)])
            for ligne in self.lignes
        ]

    def column(self, key: str) -> list[Valeur]:
        """Return the values of one column."""
        rank = next(rank for rank, serie in enumerate(self.series) if serie.key == key)
        return [ligne.values[rank] for ligne in self.lignes]

    def masked(self) -> "Figure":
        """Return it without the numbers that are too small to be public, and what tells them."""
        lignes = [self._masked_row(ligne) for ligne in self.lignes]
        if self.is_partition and any(_hides(ligne) for ligne in lignes):
            lignes = [self._without_derived(ligne) for ligne in lignes]
        return replace(self, lignes=tuple(lignes))

    def _masked_row(self, ligne: Ligne) -> Ligne:
        values = tuple(
            Masque.PETIT if self._is_count(rank) and _is_small(value) else value
            for rank, value in enumerate(ligne.values)
        )
        ligne = replace(ligne, values=values)
        return self._without_derived(ligne) if _hides(ligne) else ligne

    def _without_derived(self, ligne: Ligne) -> Ligne:
        values = tuple(
            Masque.DEDUIT
            if isinstance(value, int | float)
            and (self.series[rank].is_total or not self._is_count(rank))
            else value
            for rank, value in enumerate(ligne.values)
        )
        return replace(ligne, values=values)

    def _is_count(self, rank: int) -> bool:
        return self.series[rank].unite == Unite.DOSSIERS


def _is_small(value: Valeur) -> bool:
    return isinstance(value, int) and 0 < value < PUBLIC_DOSSIERS_MIN


def _hides(ligne: Ligne) -> bool:
    return any(isinstance(value, Masque) for value in ligne.values)


def write_decimal(value: float) -> str:
    """Write a number with one decimal at most: `0,4`, `12`."""
    text = f"{value:.1f}".removesuffix(".0")
    integer, _, decimals = text.partition(".")
    written = format_number(int(integer))
    return f"{written},{decimals}" if decimals else written


def share(part: int, whole: int) -> float | None:
    """Return a percentage, None of nothing."""
    return round(100 * part / whole, 1) if whole else None


def days(seconds) -> float | None:
    """Return seconds as days, None of None."""
    return None if seconds is None else round(float(seconds) / SECONDS_PER_DAY, 3)
