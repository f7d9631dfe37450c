"""How many dossiers each tab holds."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef, Q, Sum

from dossiers.models import Compteur, FilMessagerie, LectureMessagerie
from instruction.enums import ONGLET_STATES, Onglet
from procedures.models import Affectation


@dataclass
class DossierCounts:
    """The submitted dossiers of one procédure, by state; archived ones are counted apart."""

    by_state: Counter = field(default_factory=Counter)
    archives: int = 0

    def of(self, onglet: Onglet) -> int:
        """Return the number of dossiers of a tab."""
        if onglet == Onglet.ARCHIVES:
            return self.archives
        states = ONGLET_STATES.get(onglet, tuple(self.by_state))
        return sum(self.by_state[state] for state in states)

    def by_onglet(self) -> list[tuple[Onglet, int]]:
        """Return every tab, in the order they are shown, with its number of dossiers."""
        return [(onglet, self.of(onglet)) for onglet in Onglet]


def count_dossiers(procedure_ids: Iterable[int], *, by) -> dict[int, DossierCounts]:
    """Return the counts of each procédure, in the groupes of `by`, in one query.

    It adds up `Compteur`, whatever the number of dossiers.
    """
    counts = {procedure_id: DossierCounts() for procedure_id in procedure_ids}
    rows = (
        Compteur.objects.filter(procedure_id__in=list(counts), groupe__affectations__user=by)
        .values_list("procedure_id", "state", "is_archived")
        .annotate(total=Sum("number"))
        .order_by()
    )
    for procedure_id, state, is_archived, total in rows:
        if is_archived:
            counts[procedure_id].archives += total
        else:
            counts[procedure_id].by_state[state] += total
    return counts


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
