"""A list of dossiers as a person asked for it, and the places beside one dossier."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.http import QueryDict

from commun.keyset import Page, neighbours, paginate
from dossiers.models import Dossier, DossierQuerySet
from instruction.enums import (
    DOSSIERS_PER_PAGE,
    ONGLET_STATES,
    RESULTS_COUNTED_MAX,
    TRI_ORDERS,
    Onglet,
    Tri,
)
from procedures.champs.nombre import format_number

SEARCH_MAX = 200


@dataclass(frozen=True)
class Column:
    """A heading of the list; `query` is empty where it cannot be sorted."""

    label: str
    query: str = ""
    aria_sort: str = "none"


@dataclass(frozen=True)
class Listing:
    """What the address of a list says; unknown values count as not given."""

    onglet: Onglet
    tri: Tri = Tri.DEPOT_DESC
    q: str = ""
    # The search over all my procédures, archived dossiers included, rather than a tab of one.
    everywhere: bool = False

    @classmethod
    def read(
        cls,
        data: QueryDict,
        *,
        default: Onglet = Onglet.A_INSTRUIRE,
        everywhere: bool | None = None,
    ) -> "Listing":
        """Read the parameters `onglet`, `tri`, `q`, and `liste` unless `everywhere` is said."""
        onglet, tri = data.get("onglet"), data.get("tri")
        return cls(
            onglet=Onglet(onglet) if onglet in Onglet.values else default,
            tri=Tri(tri) if tri in Tri.values else Tri.DEPOT_DESC,
            q=" ".join(data.get("q", "").replace("\x00", "").split())[:SEARCH_MAX],
            everywhere=data.get("liste") == "recherche" if everywhere is None else everywhere,
        )

    @property
    def query_string(self) -> str:
        """Return the parameters that bring this list back, with their `?`."""
        parameters = {"liste": "recherche"} if self.everywhere else {"onglet": self.onglet.value}
        if self.tri != Tri.DEPOT_DESC:
            parameters["tri"] = self.tri.value
        if self.q:
            parameters["q"] = self.q
        return f"?{urlencode(parameters)}"

    @property
    def columns(self) -> list[Column]:
        """Return the headings of the list, with the order each would give."""
        return [
            self._column("Nº", Tri.NUMERO_DESC, Tri.NUMERO_ASC),
            Column("Demandeur"),
            Column("Statut"),
            self._column("Dépôt", Tri.DEPOT_DESC, Tri.DEPOT_ASC),
            self._column("Dernière modification", Tri.MODIFICATION_DESC, Tri.MODIFICATION_ASC),
        ]

    def _column(self, label: str, down: Tri, up: Tri) -> Column:
        aria_sort = {down: "descending", up: "ascending"}.get(self.tri, "none")
        following = up if self.tri == down else down
        return Column(label, replace(self, tri=following).query_string, aria_sort)

    def with_onglet(self, onglet: Onglet) -> str:
        """Return the parameters of another tab of the list."""
        return replace(self, onglet=onglet).query_string

    @property
    def order(self) -> list[str]:
        """Return the columns by which the list is sorted."""
        return TRI_ORDERS[self.tri]

    def filter(self, dossiers: DossierQuerySet) -> DossierQuerySet:
        """Return those of `dossiers` that belong to the list."""
        found = dossiers.soumis().search(self.q)
        if self.everywhere:
            return found
        if self.onglet == Onglet.ARCHIVES:
            return found.archived()
        states = ONGLET_STATES.get(self.onglet)
        if states is not None:
            found = found.filter(state__in=states)
        return found.not_archived()

    def page(self, dossiers: DossierQuerySet, cursor: str | None) -> Page:
        """Return one page of the list, its people joined."""
        rows = self.filter(dossiers).with_people().without_answers()
        return paginate(rows, self.order, cursor, DOSSIERS_PER_PAGE)

    def beside(self, dossiers: DossierQuerySet, dossier: Dossier) -> tuple:
        """Return the previous and the next dossier of the list, None where there is none."""
        return neighbours(self.filter(dossiers).only("pk"), self.order, dossier)


def onglet_of(dossier: Dossier) -> Onglet:
    """Return the tab where a submitted dossier stands."""
    if dossier.is_archived:
        return Onglet.ARCHIVES
    return next(onglet for onglet, states in ONGLET_STATES.items() if dossier.state in states)


def how_many(count: int) -> str:
    """Say a number of dossiers."""
    if count == 0:
        return "Aucun dossier"
    return "1 dossier" if count == 1 else f"{format_number(count)} dossiers"


def count_results(dossiers: DossierQuerySet) -> str:
    """Say how many dossiers there are, without counting beyond `RESULTS_COUNTED_MAX`."""
    count = dossiers.order_by()[: RESULTS_COUNTED_MAX + 1].count()
    if count > RESULTS_COUNTED_MAX:
        return f"Plus de {how_many(RESULTS_COUNTED_MAX)}"
    return how_many(count)
