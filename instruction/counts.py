"""How many dossiers each tab holds."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef, Q, Sum

from dossiers.enums import STATES_EN_COURS, STATES_TERMINES
from dossiers.models import Compteur, FilMessagerie, LectureMessagerie, Suivi
from instruction.enums import RESULTS_COUNTED_MAX, Onglet
from procedures.champs.nombre import format_number
from procedures.models import Affectation


@dataclass
class DossierCounts:
    """The submitted dossiers of one procédure, by tab, for one person."""

    by_tab: Counter = field(default_factory=Counter)
    # Tabs of which no more than this many were counted.
    capped: frozenset[Onglet] = frozenset()

    def of(self, onglet: Onglet) -> int:
        """Return the number of dossiers of a tab."""
        return self.by_tab[onglet]

    def by_onglet(self) -> list[tuple[Onglet, int]]:
        """Return every tab, in the order they are shown, with its number of dossiers."""
        return [(onglet, self.of(onglet)) for onglet in Onglet]

    def said(self, onglet: Onglet) -> str:
        """Return the number of a tab as one reads it."""
        more = "+" if onglet in self.capped else ""
        return f"{format_number(self.of(onglet))}{more}"

    @property
    def total(self) -> int:
        """Return how many dossiers there are, archived or not."""
        return self.of(Onglet.TOUS) + self.of(Onglet.ARCHIVES)


def count_dossiers(procedure_ids: Iterable[int], *, by) -> dict[int, DossierCounts]:
    """Return the counts of each procédure, in the groupes of `by`, in two queries.

    It adds up `Compteur` and what `by` follows, whatever the number of dossiers. What is soon
    erased is left out: see `count_expiring`.
    """
    counts = {procedure_id: DossierCounts() for procedure_id in procedure_ids}
    kinds = ("procedure_id", "state", "is_archived", "is_followed", "is_awaited")
    rows = (
        Compteur.objects.filter(procedure_id__in=list(counts), groupe__affectations__user=by)
        .values_list(*kinds)
        .annotate(total=Sum("number"))
        .order_by()
    )
    for procedure_id, *kind, total in rows:
        for onglet in _tabs_of(*kind):
            counts[procedure_id].by_tab[onglet] += total
    for procedure_id, total in _count_suivis(list(counts), by):
        counts[procedure_id].by_tab[Onglet.SUIVIS] = total
    return counts


def count_expiring(counts: DossierCounts, dossiers, procedure) -> None:
    """Add to the counts of a procédure what is soon erased, without counting too far."""
    found = dossiers.expiring_soon(procedure).order_by()[: RESULTS_COUNTED_MAX + 1].count()
    counts.by_tab[Onglet.BIENTOT_SUPPRIMES] = min(found, RESULTS_COUNTED_MAX)
    if found > RESULTS_COUNTED_MAX:
        counts.capped = frozenset({Onglet.BIENTOT_SUPPRIMES})


def _tabs_of(state: str, is_archived: bool, is_followed: bool, is_awaited: bool) -> list[Onglet]:
    if is_archived:
        return [Onglet.ARCHIVES]
    tabs = [Onglet.TOUS]
    if state in STATES_TERMINES:
        tabs.append(Onglet.TRAITES)
    elif not is_followed:
        tabs.append(Onglet.A_SUIVRE)
    if is_awaited:
        tabs.append(Onglet.EN_ATTENTE)
    return tabs


def _count_suivis(procedure_ids: list[int], user):
    """Return how many open dossiers `user` follows in each procédure."""
    return (
        Suivi.objects.filter(
            user_id=user.pk,
            dossier__procedure_id__in=procedure_ids,
            dossier__state__in=STATES_EN_COURS,
            dossier__archived_at=None,
            dossier__deleted_at=None,
            dossier__is_test=False,
            dossier__groupe__affectations__user=user,
        )
        .values_list("dossier__procedure_id")
        .annotate(total=Count("*"))
        .order_by()
    )


@dataclass
class UnreadCounts:
    """How many threads of one procédure hold something that a person has to read."""

    dossiers: int = 0
    dialogues: int = 0


def count_unread(procedure_ids: Iterable[int], *, by) -> dict[int, UnreadCounts]:
    """Return what `by` has to read in each procédure, in one query.

    It walks the threads that wait for the service alone, by the index `fil_waiting`.
    """
    counts = {procedure_id: UnreadCounts() for procedure_id in procedure_ids}
    read = LectureMessagerie.objects.filter(
        user_id=by.pk,
        dossier_id=OuterRef("dossier_id"),
        last_message_id__gte=OuterRef("waiting_to"),
    )
    in_my_groupes = Affectation.objects.filter(
        groupe_id=OuterRef("dossier__groupe_id"), user_id=by.pk
    )
    rows = (
        FilMessagerie.objects.filter(
            ~Exists(read),
            Q(is_before_deposit=True) | Exists(in_my_groupes),
            procedure_id__in=list(counts),
            is_test=False,
            waiting_to__isnull=False,
            dossier__deleted_at=None,
        )
        .values_list("procedure_id", "is_before_deposit")
        .annotate(total=Count("*"))
        .order_by()
    )
    for procedure_id, is_before_deposit, total in rows:
        if is_before_deposit:
            counts[procedure_id].dialogues = total
        else:
            counts[procedure_id].dossiers = total
    return counts


def count_dialogues(procedure_id: int) -> int:
    """Return how many brouillons of a procédure have a thread."""
    return FilMessagerie.objects.filter(
        procedure_id=procedure_id,
        is_test=False,
        is_before_deposit=True,
        dossier__deleted_at=None,
    ).count()
