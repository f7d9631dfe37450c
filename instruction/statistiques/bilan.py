"""All the figures of a procédure, or one of them by its name."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.utils import timezone

from instruction.statistiques.abandons import abandons
from instruction.statistiques.charge import accompagnateurs, groupes
from instruction.statistiques.corrections import corrections
from instruction.statistiques.durees import durees
from instruction.statistiques.figures import (
    PUBLIC_DOSSIERS_MIN,
    Figure,
    Masque,
    Serie,
    Unite,
    Valeur,
)
from instruction.statistiques.flux import TOTAL, decisions, depots
from instruction.statistiques.parcours import issues, parcours
from instruction.statistiques.perimetre import Perimetre

# Anyone may ask for a public page, and as often as they like: its figures are kept this long, as
# are those of a procédure so large that they take more than a second.
KEPT_SECONDS = 15 * 60
_LONG_SECONDS = 1.0
# A sum is said when it hides at least this many numbers, which it then does not tell.
_HIDDEN_MIN = 3
_ACCEPTED, _DECISION = 0, 3


@dataclass(frozen=True)
class Theme:
    """How a figure is computed, and who may see it."""

    compute: Callable[[Perimetre], Figure]
    # Of persons or of the way the service works: never public.
    is_internal: bool = False
    # Of brouillons, which belong to no groupe.
    needs_whole: bool = False

    def shows(self, perimetre: Perimetre) -> bool:
        """Tell whether the figure is one of those dossiers."""
        if self.is_internal and perimetre.is_public:
            return False
        return perimetre.is_whole or not self.needs_whole


THEMES = {
    "depots": Theme(depots),
    "decisions": Theme(decisions),
    "issues": Theme(issues),
    "durees": Theme(durees),
    "parcours": Theme(parcours),
    "abandons": Theme(abandons, needs_whole=True),
    "corrections": Theme(corrections),
    "groupes": Theme(groupes, is_internal=True),
    "accompagnateurs": Theme(accompagnateurs, is_internal=True),
}


@dataclass(frozen=True)
class Tuile:
    """A number that is read first."""

    label: str
    value: str


@dataclass(frozen=True)
class Bilan:
    """What the page of the statistics shows."""

    figures: tuple[Figure, ...]
    tuiles: tuple[Tuile, ...]
    computed_at: datetime

    @property
    def is_empty(self) -> bool:
        """Tell whether no figure has anything to show."""
        return all(figure.is_empty for figure in self.figures)


def bilan_of(perimetre: Perimetre) -> Bilan:
    """Return every figure that those dossiers have, as of `computed_at`."""
    key = f"statistiques:{perimetre.key}"
    kept = cache.get(key)
    if kept is None:
        begun = time.monotonic()
        kept = _compute(perimetre)
        if perimetre.is_public or time.monotonic() - begun > _LONG_SECONDS:
            cache.set(key, kept, KEPT_SECONDS)
    return kept


def figure_of(perimetre: Perimetre, slug: str) -> Figure | None:
    """Return one figure; None when those dossiers have none of that name."""
    theme = THEMES.get(slug)
    if theme is None or not theme.shows(perimetre):
        return None
    if perimetre.is_public:
        return next(figure for figure in bilan_of(perimetre).figures if figure.slug == slug)
    return theme.compute(perimetre)


def _compute(perimetre: Perimetre) -> Bilan:
    exact = {
        slug: theme.compute(perimetre) for slug, theme in THEMES.items() if theme.shows(perimetre)
    }
    shown = exact
    if perimetre.is_public:
        shown = {slug: figure.masked() for slug, figure in exact.items()}
    return Bilan(tuple(shown.values()), _tuiles(exact, shown), timezone.now())


def _tuiles(exact: dict[str, Figure], shown: dict[str, Figure]) -> tuple[Tuile, ...]:
    """Return the numbers that sum the figures up."""
    dossiers, percents, length = (
        Serie("", "", unite) for unite in (Unite.DOSSIERS, Unite.POURCENT, Unite.JOURS)
    )
    delays = shown["durees"].lignes
    median, decile, _count = delays[_DECISION].values if delays else (None, None, None)
    submitted, decided = (
        _sum(exact[slug].column(key), shown[slug].column(key))
        for slug, key in (("depots", TOTAL), ("issues", "issues"))
    )
    return (
        Tuile("Dossiers déposés", dossiers.write(submitted)),
        Tuile("Dossiers décidés", dossiers.write(decided)),
        Tuile("Taux d’acceptation", percents.write(shown["issues"].column("part")[_ACCEPTED])),
        Tuile("Du dépôt à la décision, médiane", length.write(median)),
        Tuile("Du dépôt à la décision, 9e décile", length.write(decile)),
    )


def _sum(exact: list[Valeur], shown: list[Valeur]) -> Valeur:
    """Add up a column, unless the sum would tell the few numbers of it that are hidden."""
    hidden = sum(isinstance(value, Masque) for value in shown)
    total = sum(exact)
    if hidden and total < PUBLIC_DOSSIERS_MIN:
        return Masque.PETIT
    return Masque.DEDUIT if 0 < hidden < _HIDDEN_MIN else total
