"""A list of dossiers as a person asked for it, and the places beside one dossier."""

from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import urlencode

from django.http import QueryDict

from commun.keyset import Page, neighbours, paginate
from dossiers.models import Dossier, DossierQuerySet
from instruction.colonnes import DEFAULT_COLUMNS, Catalogue, Colonne
from instruction.colonnes.catalogue import COLUMNS_MAX, FIXED_COLUMNS
from instruction.colonnes.filtres import FILTERS_MAX, Filtre
from instruction.enums import (
    DOSSIERS_PER_PAGE,
    RESULTS_COUNTED_MAX,
    TRI_COLUMNS,
    TRI_ORDERS,
    Onglet,
    Tri,
)
from procedures.champs.nombre import format_number

SEARCH_MAX = 200
RAW_FILTER_MAX = 2000
MORE_THAN = "Plus de"
_KEY_MAX = 60


@dataclass(frozen=True)
class Column:
    """A heading of the list; `query` is empty where it cannot be sorted."""

    label: str
    query: str = ""
    aria_sort: str = "none"


@dataclass(frozen=True)
class Chip:
    """A filter as the page shows it, with the list without it."""

    filtre: Filtre
    query_without: str


@dataclass(frozen=True)
class Listing:
    """What the address of a list says; unknown values count as not given.

    `user` and `procedure` are whose list it is: some tabs, columns and filters ask for them.
    """

    onglet: Onglet
    tri: str = Tri.DEPOT_DESC
    q: str = ""
    # The search over all my procédures, archived dossiers included, rather than a tab of one.
    everywhere: bool = False
    f: tuple[str, ...] = ()
    # The columns that the address asks for; None for those the person chose.
    colonnes: tuple[str, ...] | None = None
    user: object = None
    procedure: object = None
    # What the person chose, None for what TPS proposes.
    chosen: tuple[str, ...] | None = None

    @classmethod
    def read(
        cls,
        data: QueryDict,
        *,
        default: Onglet = Onglet.A_SUIVRE,
        everywhere: bool | None = None,
        user=None,
        procedure=None,
    ) -> "Listing":
        """Read `onglet`, `tri`, `q`, `f`, `colonnes`, and `liste` unless `everywhere` is said."""
        onglet, tri = data.get("onglet"), data.get("tri", "")
        columns = data.get("colonnes", "")[: COLUMNS_MAX * _KEY_MAX]
        return cls(
            onglet=Onglet(onglet) if onglet in Onglet.values else default,
            tri=_read_tri(tri),
            q=" ".join(data.get("q", "").replace("\x00", "").split())[:SEARCH_MAX],
            everywhere=data.get("liste") == "recherche" if everywhere is None else everywhere,
            f=tuple(
                raw.replace("\x00", "")
                for raw in data.getlist("f")[:FILTERS_MAX]
                if len(raw) <= RAW_FILTER_MAX
            ),
            colonnes=tuple(columns.split(",")) if columns else None,
            user=user,
            procedure=procedure,
        )

    def of(self, user, procedure) -> "Listing":
        """Return the same list, for a person in a procédure."""
        return replace(self, user=user, procedure=procedure)

    def with_chosen(self, columns: tuple[str, ...] | None) -> "Listing":
        """Return the same list with the columns a person chose, where its address names none."""
        return replace(self, chosen=columns)

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """Return the parameters that bring this list back."""
        found = [("liste", "recherche")] if self.everywhere else [("onglet", self.onglet.value)]
        if self.tri != Tri.DEPOT_DESC:
            found.append(("tri", str(self.tri)))
        if self.q:
            found.append(("q", self.q))
        found += [("f", raw) for raw in self.f]
        if self.colonnes is not None:
            found.append(("colonnes", ",".join(self.colonnes)))
        return found

    @property
    def query_string(self) -> str:
        """Return the parameters that bring this list back, with their `?`."""
        return f"?{urlencode(self.parameters)}"

    @property
    def shared_query(self) -> str:
        """Return the same, columns included: what another person must be given."""
        keys = tuple(column.key for column in self.shown_columns)
        return replace(self, colonnes=keys).query_string

    # --- columns ------------------------------------------------------------------------------

    @cached_property
    def catalogue(self) -> Catalogue | None:
        """Return the columns of the procédure, None in the search over all."""
        return None if self.everywhere or self.procedure is None else Catalogue(self.procedure)

    @cached_property
    def shown_columns(self) -> list[Colonne]:
        """Return the columns that are shown after the number and the name."""
        if self.catalogue is None:
            return []
        keys = self.colonnes or self.chosen or DEFAULT_COLUMNS
        return self.catalogue.chosen(keys)

    @property
    def columns(self) -> list[Column]:
        """Return the headings of the list, with the order each would give."""
        if self.catalogue is None:
            return [
                self._named_column("Nº", Tri.NUMERO_DESC, Tri.NUMERO_ASC),
                Column("Demandeur"),
                Column("Statut"),
                self._named_column("Dépôt", Tri.DEPOT_DESC, Tri.DEPOT_ASC),
                self._named_column(
                    "Dernière modification", Tri.MODIFICATION_DESC, Tri.MODIFICATION_ASC
                ),
            ]
        fixed = [self.catalogue.get(key) for key in FIXED_COLUMNS]
        return [self._column(column) for column in (*fixed, *self.shown_columns)]

    def _column(self, column: Colonne) -> Column:
        if not column.is_sortable:
            return Column(column.label)
        name = TRI_COLUMNS.get(column.key, column.key)
        return self._named_column(column.label, f"-{name}", name)

    def _named_column(self, label: str, down: str, up: str) -> Column:
        aria_sort = {str(down): "descending", str(up): "ascending"}.get(str(self.tri), "none")
        following = up if self.tri == down else down
        return Column(label, replace(self, tri=following).query_string, aria_sort)

    def cells(self, dossier: Dossier) -> list:
        """Return what a row shows after the number and the name."""
        return [column.cell(dossier) for column in self.shown_columns]

    # --- filters ------------------------------------------------------------------------------

    def with_onglet(self, onglet: Onglet) -> str:
        """Return the parameters of another tab of the list."""
        return replace(self, onglet=onglet).query_string

    @cached_property
    def filtres(self) -> list[Filtre]:
        """Return the filters that the address gives."""
        if self.catalogue is None:
            return []
        return [Filtre.read(raw, self.catalogue) for raw in self.f]

    @property
    def chips(self) -> list[Chip]:
        """Return the filters with the list without each."""
        return [
            Chip(filtre, replace(self, f=(*self.f[:rank], *self.f[rank + 1 :])).query_string)
            for rank, filtre in enumerate(self.filtres)
        ]

    @property
    def bare_query(self) -> str:
        """Return the parameters of the tab without search or filters."""
        return replace(self, q="", f=()).query_string

    @property
    def is_narrowed(self) -> bool:
        """Tell whether it holds less than its tab."""
        return bool(self.q or self.f)

    @cached_property
    def sort_column(self) -> Colonne | None:
        """Return the column it is sorted by, None for one of the usual orders."""
        if self.tri in TRI_ORDERS or self.catalogue is None:
            return None
        column = self.catalogue.get(self.tri.lstrip("-"))
        return column if column is not None and column.is_sortable else None

    @property
    def is_heavy(self) -> bool:
        """Tell whether PostgreSQL may have to look at each dossier: the time is then limited."""
        return self.is_narrowed or self.sort_column is not None

    @property
    def order(self) -> list[str]:
        """Return the columns by which the list is sorted."""
        column = self.sort_column
        if column is None:
            return TRI_ORDERS.get(self.tri, TRI_ORDERS[Tri.DEPOT_DESC])
        sign = "-" if self.tri.startswith("-") else ""
        if self._is_known_never_null(column):
            return [f"{sign}{column.sort_field or 'decided_at'}", f"{sign}id"]
        return [f"{sign}{column.alias}", f"{sign}id"]

    def _is_known_never_null(self, column: Colonne) -> bool:
        is_decided = column.key == "d.decided_at" and self.onglet == Onglet.TRAITES
        return bool(column.sort_field) or (is_decided and not self.everywhere)

    @property
    def _is_nullable(self) -> bool:
        column = self.sort_column
        return column is not None and not self._is_known_never_null(column)

    def _with_order(self, dossiers: DossierQuerySet) -> DossierQuerySet:
        return self.sort_column.with_order(dossiers) if self._is_nullable else dossiers

    # --- dossiers -----------------------------------------------------------------------------

    def filter(self, dossiers: DossierQuerySet) -> DossierQuerySet:
        """Return those of `dossiers` that belong to the list."""
        found = dossiers.soumis()
        if self.q:
            found = found.search_by_service(self.q, None if self.everywhere else self.procedure)
        if self.everywhere:
            return found
        found = self._in_onglet(found)
        for filtre in self.filtres:
            found = filtre.apply(found)
        return found

    def _in_onglet(self, dossiers: DossierQuerySet) -> DossierQuerySet:
        match self.onglet:
            case Onglet.A_SUIVRE:
                return dossiers.a_suivre()
            case Onglet.SUIVIS:
                return dossiers.suivis_by(self.user)
            case Onglet.EN_ATTENTE:
                return dossiers.awaited()
            case Onglet.TRAITES:
                return dossiers.termines().not_archived()
            case Onglet.ARCHIVES:
                return dossiers.archived()
            case Onglet.BIENTOT_SUPPRIMES:
                return dossiers.expiring_soon(self.procedure)
        return dossiers.not_archived()

    def ordered(self, found: DossierQuerySet) -> DossierQuerySet:
        """Return dossiers in the order of the list."""
        return self._with_order(found).order_by(*self.order)

    def rows(self, found: DossierQuerySet) -> DossierQuerySet:
        """Return dossiers with all that their rows show."""
        rows = found.with_people().without_answers()
        for column in self.shown_columns:
            rows = column.with_shown(rows)
        return rows

    def page(self, found: DossierQuerySet, cursor: str | None) -> Page:
        """Return one page of the dossiers that `filter` found, their people joined."""
        rows = self.rows(self._with_order(found))
        return paginate(rows, self.order, cursor, DOSSIERS_PER_PAGE, nullable=self._is_nullable)

    def beside(self, dossiers: DossierQuerySet, dossier: Dossier) -> tuple:
        """Return the previous and the next dossier of the list, None where there is none."""
        rows = self._with_order(self.filter(dossiers).only("pk"))
        place = dossier
        if self._is_nullable:
            known = Dossier.with_tests.filter(pk=dossier.pk).only("pk")
            place = self._with_order(known).first() or dossier
        return neighbours(rows, self.order, place, nullable=self._is_nullable)


def _read_tri(tri: str) -> str:
    if tri in Tri.values:
        return Tri(tri)
    return (
        tri
        if tri.lstrip("-")[:2] in ("d.", "e.", "c.", "a.") and len(tri) <= _KEY_MAX * 2
        else (Tri.DEPOT_DESC)
    )


def onglet_of(dossier: Dossier) -> Onglet:
    """Return a tab where a submitted dossier stands for everybody."""
    if dossier.is_archived:
        return Onglet.ARCHIVES
    if dossier.is_termine:
        return Onglet.TRAITES
    return Onglet.TOUS if dossier.followers_count else Onglet.A_SUIVRE


def how_many(count: int) -> str:
    """Say a number of dossiers."""
    if count == 0:
        return "Aucun dossier"
    return "1 dossier" if count == 1 else f"{format_number(count)} dossiers"


def count_results(dossiers: DossierQuerySet) -> str:
    """Say how many dossiers there are, without counting beyond `RESULTS_COUNTED_MAX`."""
    count = dossiers.order_by()[: RESULTS_COUNTED_MAX + 1].count()
    if count > RESULTS_COUNTED_MAX:
        return f"{MORE_THAN} {how_many(RESULTS_COUNTED_MAX)}"
    return how_many(count)
