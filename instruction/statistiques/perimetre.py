"""Which dossiers the statistics are about, by who looks at them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from dossiers.enums import DossierState
from dossiers.models import Dossier
from instruction.statistiques.periode import Periode
from procedures.models import Groupe, Procedure


@dataclass(frozen=True)
class Perimetre:
    """Real dossiers of one procédure, out of the bin, over a period."""

    procedure: Procedure
    periode: Periode
    # Brouillons among them, unless `is_whole` is false: they belong to no groupe yet.
    dossiers: QuerySet
    is_whole: bool = True
    # The only groupes whose dossiers are seen; none is named when all of them are.
    groupes: tuple[int, ...] = ()
    # Seen by anyone: nothing of a person, no small number.
    is_public: bool = False

    @classmethod
    def of_administrateur(cls, procedure: Procedure, periode: Periode) -> "Perimetre":
        """Return all the dossiers of a procédure that the caller may administer."""
        return cls(procedure, periode, Dossier.objects.for_procedure(procedure))

    @classmethod
    def of_public(cls, procedure: Procedure, periode: Periode) -> "Perimetre":
        """Return all the dossiers of a procédure whose statistics are public."""
        return cls(procedure, periode, Dossier.objects.for_procedure(procedure), is_public=True)

    @classmethod
    def of_accompagnateur(cls, user, procedure: Procedure, periode: Periode) -> "Perimetre":
        """Return the dossiers of the groupes of `user`; all of them if they are in every groupe."""
        groupes = Groupe.objects.filter(procedure=procedure)
        mine = tuple(groupes.of_member(user).values_list("pk", flat=True))
        if len(mine) == groupes.count():
            return cls.of_administrateur(procedure, periode)
        dossiers = Dossier.objects.instructed_by(user).for_procedure(procedure)
        return cls(procedure, periode, dossiers, is_whole=False, groupes=mine)

    @property
    def key(self) -> str:
        """Return what tells its figures from any others, for the cache."""
        who = "public" if self.is_public else f"groupes-{'-'.join(map(str, self.groupes))}"
        dates = f"{self.periode.first}:{self.periode.last}"
        return f"{self.procedure.pk}:{who}:{dates}:{timezone.localdate()}"

    @property
    def soumis(self) -> QuerySet:
        """Return the submitted ones, whenever they were."""
        return self.dossiers.soumis()

    @property
    def decided(self) -> QuerySet:
        """Return those whose last decision was taken within the period."""
        return self.dossiers.termines().filter(self.periode.within("decided_at"))

    @property
    def brouillons(self) -> QuerySet:
        """Return the brouillons; ask `is_whole` first."""
        return self.dossiers.filter(state=DossierState.BROUILLON)


def fetch_over(dossiers: QuerySet, columns: Sequence[str], sql: str, parameters=()) -> list[tuple]:
    """Return the rows of a query that reads `perimetre`, the named columns of `dossiers`."""
    perimetre, own = dossiers.order_by().values(*columns).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"WITH perimetre AS ({perimetre}) {sql}", [*own, *parameters])
        return cursor.fetchall()
