"""What comes in and what goes out, week by week."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, DateField, Max, Min, QuerySet
from django.db.models.functions import TruncMonth, TruncWeek, TruncYear
from django.utils import timezone
from django.utils.formats import date_format

from dossiers.enums import STATES_SOUMIS, STATES_TERMINES, DossierState
from instruction.statistiques.figures import Dessin, Figure, Ligne, Serie
from instruction.statistiques.perimetre import Perimetre
from instruction.statistiques.periode import Periode

# Beyond, columns are too thin to be read: months, then years.
_WEEKS_MAX, _MONTHS_MAX = 106, 120
TOTAL = "total"


@dataclass(frozen=True)
class _Pas:
    """How long a column lasts."""

    name: str
    by: str
    truncate: type[TruncWeek]

    def beginning(self, day: date) -> date:
        """Return the first day of the column that holds `day`."""
        if self.truncate is TruncWeek:
            return day - timedelta(days=day.weekday())
        return day.replace(day=1) if self.truncate is TruncMonth else day.replace(month=1, day=1)

    def after(self, first: date) -> date:
        """Return the first day of the next column."""
        if self.truncate is TruncWeek:
            return first + timedelta(weeks=1)
        return self.beginning(first + timedelta(days=32 if self.truncate is TruncMonth else 366))

    def label(self, first: date) -> str:
        """Name a column by its first day."""
        if self.truncate is TruncWeek:
            return f"{first:%d/%m/%Y}"
        return date_format(first, "F Y") if self.truncate is TruncMonth else str(first.year)

    def columns(self, first: date, last: date) -> Iterator[date]:
        """Yield the first day of each column from one day to another."""
        current = self.beginning(first)
        while current <= last:
            yield current
            current = self.after(current)


_SEMAINE = _Pas("Semaine du", "par semaine", TruncWeek)
_MOIS = _Pas("Mois", "par mois", TruncMonth)
_ANNEE = _Pas("Année", "par année", TruncYear)


def depots(perimetre: Perimetre) -> Figure:
    """Return the dossiers submitted each week, by the status they have now."""
    pas, lignes = _by_week(
        perimetre.soumis.filter(perimetre.periode.within("submitted_at")),
        "submitted_at",
        STATES_SOUMIS,
        perimetre.periode,
    )
    return Figure(
        slug="depots",
        title=f"Dossiers déposés {pas.by}",
        note="Selon le statut qu’ils ont aujourd’hui.",
        first_column=pas.name,
        series=(*_series(STATES_SOUMIS), _total("Déposés")),
        lignes=lignes,
        dessin=Dessin.COLONNES,
        empty_text="Aucun dossier n’a été déposé dans cette période.",
    )


def decisions(perimetre: Perimetre) -> Figure:
    """Return the decisions taken each week; a dossier counts once, by its last one."""
    pas, lignes = _by_week(perimetre.decided, "decided_at", STATES_TERMINES, perimetre.periode)
    return Figure(
        slug="decisions",
        title=f"Décisions {pas.by}",
        note="La dernière décision de chaque dossier, prise par une personne ou par TPS.",
        first_column=pas.name,
        series=(*_series(STATES_TERMINES), _total("Décidés")),
        lignes=lignes,
        dessin=Dessin.COLONNES,
        empty_text="Aucune décision n’a été prise dans cette période.",
    )


def _series(states: tuple[DossierState, ...]) -> tuple[Serie, ...]:
    return tuple(Serie(state.value, state.label.capitalize()) for state in states)


def _total(label: str) -> Serie:
    return Serie(TOTAL, label, is_drawn=False, is_total=True)


def _by_week(
    dossiers: QuerySet, field: str, states: tuple[DossierState, ...], periode: Periode
) -> tuple[_Pas, tuple[Ligne, ...]]:
    """Return the rows of a figure over time, without a hole, in two queries."""
    bounds = dossiers.aggregate(first=Min(field), last=Max(field))
    if bounds["first"] is None:
        return _SEMAINE, ()
    today = timezone.localdate()
    first, last = (timezone.localdate(bounds[name]) for name in ("first", "last"))
    last = max(last, min(periode.last or today, today))
    pas = _pas_of(first, last)
    rows = (
        dossiers.values(column=pas.truncate(field, output_field=DateField()))
        .values_list("column", "state")
        .annotate(total=Count("*"))
        .order_by()
    )
    counts = Counter({(column, state): total for column, state, total in rows})
    lignes = []
    for column in pas.columns(first, last):
        values = [counts[column, state] for state in states]
        lignes.append(Ligne(pas.label(column), (*values, sum(values))))
    return pas, tuple(lignes)


def _pas_of(first: date, last: date) -> _Pas:
    if (last - first).days <= _WEEKS_MAX * 7:
        return _SEMAINE
    return _MOIS if (last - first).days <= _MONTHS_MAX * 30 else _ANNEE
