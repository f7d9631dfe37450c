"""A figure as a drawing: where each bar, line and word of its SVG stands.

Coordinates are strings, because templates would write numbers the French way.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from instruction.statistiques.figures import Dessin, Figure, Serie, Unite, Valeur

LARGEUR = 480
# About the width of a character of the SVG, whose size is 14.
_CHARACTER = 7.2
_PLOT_TOP, _PLOT_HEIGHT = 24, 200
_LEGEND_LINE, _BAR, _GAP = 24, 18, 14
_TICKS, _ROUND = 4, (1, 1.5, 2, 2.5, 3, 4, 5, 7.5, 10)
_DATES_SHOWN = 5
_LABEL_MAX = 56
# Drawn without the style sheet, in a PNG; statistiques.css has the same, by theme.
_COULEURS = {
    "en_construction": "#0063cb",
    "en_instruction": "#695240",
    "accepte": "#18753c",
    "sans_suite": "#b34000",
    "rejete": "#ce0500",
    "decile": "#6a6af4",
}
_COULEUR = "#000091"
# Two colours that touch differ by their pattern too.
_MOTIFS = {
    "en_instruction": "diagonales",
    "sans_suite": "points",
    "rejete": "croix",
    "decile": "diagonales",
}


@dataclass(frozen=True)
class Rectangle:
    """A bar of the colour and pattern of its series."""

    key: str
    x: str
    y: str
    width: str
    height: str

    @property
    def couleur(self) -> str:
        """Return its colour."""
        return _COULEURS.get(self.key, _COULEUR)

    @property
    def motif(self) -> str:
        """Return the name of its pattern; empty when it is plain."""
        return _MOTIFS.get(self.key, "")


@dataclass(frozen=True)
class Groupe:
    """The bars of one row, and what is said of them under the pointer."""

    title: str
    rectangles: list[Rectangle]


@dataclass(frozen=True)
class Mot:
    """A piece of text; `anchor` is the SVG's own: start, middle, end."""

    x: str
    y: str
    text: str
    anchor: str = "start"
    is_strong: bool = False


@dataclass(frozen=True)
class Image:
    """The drawing of a figure."""

    id: str
    title: str
    description: str
    height: str
    width: str = str(LARGEUR)
    groupes: list[Groupe] = field(default_factory=list)
    # The heights of the horizontal lines, and where they begin.
    lines: list[str] = field(default_factory=list)
    line_from: str = "0"
    legend: list[tuple[Rectangle, Mot]] = field(default_factory=list)
    mots: list[Mot] = field(default_factory=list)


def draw(figure: Figure) -> Image:
    """Return the drawing of a figure that has something to draw."""
    if figure.dessin == Dessin.COLONNES:
        return _draw_columns(figure)
    return _draw_bars(figure)


def _draw_columns(figure: Figure) -> Image:
    stacks = [[_size(ligne.values[rank]) for rank, _ in figure.drawn] for ligne in figure.lignes]
    step = _step_of(max(sum(stack) for stack in stacks))
    top = step * _TICKS
    bottom = _PLOT_TOP + _PLOT_HEIGHT
    left = 10 + _CHARACTER * len(_tick(top))
    each = (LARGEUR - left) / len(stacks)
    width = max(each * 0.8, min(each, 1))
    groupes, mots = [], []
    for index, (ligne, stack) in enumerate(zip(figure.lignes, stacks, strict=True)):
        x, y, rectangles = left + index * each + (each - width) / 2, bottom, []
        for (_, serie), value in zip(figure.drawn, stack, strict=True):
            height = _PLOT_HEIGHT * value / top
            y -= height
            if height:
                rectangles.append(Rectangle(serie.key, *map(_at, (x, y, width, height))))
        groupes.append(Groupe(_sentence(figure, ligne.label, ligne.values), rectangles))
    lines = []
    for rank in range(_TICKS + 1):
        y = bottom - _PLOT_HEIGHT * rank / _TICKS
        lines.append(_at(y))
        mots.append(Mot(_at(left - 6), _at(y + 5), _tick(step * rank), "end"))
    mots += _dates(figure, left, each, bottom + 20)
    legend, end = _legend([serie for _, serie in figure.drawn], bottom + 36)
    return Image(
        id=f"dessin-{figure.slug}",
        title=figure.title,
        description=_description(figure),
        height=_at(end),
        groupes=groupes,
        lines=lines,
        line_from=_at(left),
        legend=legend,
        mots=mots,
    )


def _dates(figure: Figure, left: float, each: float, y: float) -> list[Mot]:
    """Return some labels of the columns, far enough from one another."""
    count = len(figure.lignes)
    longest = max(len(ligne.label) for ligne in figure.lignes) * _CHARACTER
    every = math.ceil(count / _DATES_SHOWN)
    mots, end = [], -math.inf
    for index in range(0, count, every):
        middle = left + (index + 0.5) * each
        x = min(max(middle, left + longest / 2), LARGEUR - longest / 2)
        if x - longest / 2 >= end:
            mots.append(Mot(_at(x), _at(y), figure.lignes[index].label, "middle"))
            end = x + longest / 2 + 12
    return mots


def _draw_bars(figure: Figure) -> Image:
    drawn = figure.drawn
    sizes = [[_size(ligne.values[rank]) for rank, _ in drawn] for ligne in figure.lignes]
    longest = max(max(values) for values in sizes) or 1
    written = [
        [serie.write(ligne.values[rank]) for rank, serie in drawn] for ligne in figure.lignes
    ]
    room = _CHARACTER * 1.15 * max(len(text) for texts in written for text in texts) + 8
    y, groupes, mots = 16.0, [], []
    for ligne, values, texts in zip(figure.lignes, sizes, written, strict=True):
        mots.append(Mot("0", _at(y), _short(ligne.label)))
        y += 7
        rectangles = []
        for (_, serie), value, text in zip(drawn, values, texts, strict=True):
            width = max((LARGEUR - room) * value / longest, 2 if value else 0)
            rectangles.append(Rectangle(serie.key, "0", *map(_at, (y, width, _BAR))))
            mots.append(Mot(_at(width + 6), _at(y + _BAR - 4), text, is_strong=True))
            y += _BAR + 2
        groupes.append(Groupe(_sentence(figure, ligne.label, ligne.values), rectangles))
        y += _GAP + 10
    series = [serie for _, serie in drawn]
    legend, end = _legend(series, y - 8) if len(series) > 1 else ([], y - 16)
    return Image(
        id=f"dessin-{figure.slug}",
        title=figure.title,
        description=_description(figure),
        height=_at(end),
        groupes=groupes,
        legend=legend,
        mots=mots,
    )


def _legend(series: Sequence[Serie], y: float) -> tuple[list[tuple[Rectangle, Mot]], float]:
    """Return the names of the series, on as many lines as they need, and where they end."""
    legend, x = [], 0.0
    for serie in series:
        width = 26 + _CHARACTER * len(serie.label) + 16
        if x and x + width > LARGEUR + 16:
            x, y = 0.0, y + _LEGEND_LINE
        mark = Rectangle(serie.key, _at(x), _at(y), "18", "18")
        legend.append((mark, Mot(_at(x + 26), _at(y + 14), serie.label)))
        x += width
    return legend, y + _LEGEND_LINE


def _sentence(figure: Figure, label: str, values: Sequence[Valeur]) -> str:
    """Say one row: `Semaine du 02/11/2026 : accepté 3, rejeté 1`."""
    said = ", ".join(
        f"{serie.label.lower()} {serie.write(value)}"
        for serie, value in zip(figure.series, values, strict=True)
    )
    return f"{figure.first_column} {label} : {said}"


def _description(figure: Figure) -> str:
    """Say what the drawing shows to whom does not see it; the table says the rest."""
    first, last = figure.lignes[0].label, figure.lignes[-1].label
    if figure.dessin == Dessin.COLONNES:
        return (
            f"{figure.note} {len(figure.lignes)} colonnes, de {first} à {last}. "
            "Les chiffres sont dans le tableau qui suit."
        )
    said = " ; ".join(
        f"{label}, {', '.join(texts)}"
        for label, texts in (
            (ligne.label, [serie.write(ligne.values[rank]) for rank, serie in figure.drawn])
            for ligne in figure.lignes
        )
    )
    return f"{figure.note} {said}."


def _size(value: Valeur) -> float:
    """Return how long a bar is; none is drawn for a number that is not said."""
    return value if isinstance(value, int | float) else 0


def _step_of(most: float) -> int:
    """Return a round step whose multiple by the ticks holds `most`."""
    least = max(most / _TICKS, 1)
    power = 10 ** math.floor(math.log10(least))
    return next(math.ceil(power * ratio) for ratio in _ROUND if power * ratio >= least)


def _tick(value: int) -> str:
    return Serie("", "", Unite.DOSSIERS).write(value)


def _short(label: str) -> str:
    return label if len(label) <= _LABEL_MAX else f"{label[: _LABEL_MAX - 1].rstrip()}…"


def _at(value: float) -> str:
    return f"{value:.1f}"
