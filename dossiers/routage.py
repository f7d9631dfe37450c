"""Routing: which groupe of its procédure a dossier belongs to, by what its usager answered.

The first groupe whose rule holds takes it, else the default one. A dossier that somebody took up,
or moved by hand, stays where it is.
"""

from collections.abc import Sequence

from django.db.models import QuerySet

from dossiers.enums import DossierState, HistoryAction
from dossiers.historique import record
from dossiers.models import Dossier
from procedures.conditions import Condition
from procedures.models import Groupe, Procedure
from procedures.questionnaire import Questionnaire


class Router:
    """The rules of one procédure, read once for as many dossiers as one likes."""

    def __init__(self, groupes: Sequence[Groupe]):
        self.default = next(groupe for groupe in groupes if groupe.is_default)
        self._rules = [
            (groupe, Condition.model_validate(groupe.rule))
            for groupe in groupes
            if groupe.rule is not None
        ]

    @classmethod
    def of(cls, procedure_id: int) -> "Router":
        """Return the present rules of a procédure, in one query."""
        return cls(list(Groupe.objects.filter(procedure_id=procedure_id)))

    def groupe_for(self, questionnaire: Questionnaire) -> Groupe:
        """Return the groupe that these answers lead to; a hidden champ counts as empty."""
        for groupe, condition in self._rules:
            if questionnaire.holds(condition):
                return groupe
        return self.default


def groupe_for(dossier: Dossier) -> Groupe:
    """Return the groupe to which the present rules send a dossier."""
    return Router.of(dossier.procedure_id).groupe_for(dossier.questionnaire)


def is_taken_up(dossier: Dossier) -> bool:
    """Tell whether rules leave it where it is: somebody follows, examined or moved it."""
    return bool(
        dossier.state != DossierState.EN_CONSTRUCTION
        or dossier.instruction_started_at
        or dossier.archived_at
        or dossier.followers_count
        or dossier.groupe_is_manual
    )


def not_taken_up(procedure: Procedure) -> QuerySet[Dossier]:
    """Return the dossiers of a procédure that rules may still move: see `is_taken_up`."""
    return Dossier.objects.for_procedure(procedure).filter(
        state=DossierState.EN_CONSTRUCTION,
        instruction_started_at=None,
        archived_at=None,
        followers_count=0,
        groupe_is_manual=False,
    )


def reroute(dossier: Dossier, *, router: Router | None = None, by=None) -> Groupe | None:
    """Send a locked dossier, just filed again, where its answers lead; return the new groupe.

    None when it stays. `by` is who asked that all be sent again, None when TPS does it itself.
    """
    if is_taken_up(dossier):
        return None
    router = router or Router.of(dossier.procedure_id)
    groupe = router.groupe_for(dossier.questionnaire)
    if groupe.pk == dossier.groupe_id:
        return None
    former = dossier.groupe
    set_groupe(dossier, groupe)
    record(
        HistoryAction.CHANGE_GROUPE,
        dossier,
        by=by,
        text=f"De « {former} » à « {groupe} », selon les règles de la procédure.",
    )
    return groupe


def set_groupe(dossier: Dossier, groupe: Groupe, *, is_manual: bool = False) -> None:
    """Give a locked dossier to a groupe, and save it."""
    dossier.groupe, dossier.groupe_is_manual = groupe, is_manual
    dossier.save(update_fields=["groupe", "groupe_is_manual"])
