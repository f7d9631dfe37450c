"""What follows a dossier, and what it follows, as its pages and its emails say it."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from dossiers.enums import DossierState
from dossiers.models import Dossier
from procedures.enchainements import announcement, is_announced_by
from procedures.enums import MomentEnchainement
from procedures.models import Enchainement, Procedure

# What an usager's page joins so that `next_step` costs one query.
JOINED = ("procedure__enchainement__target",)
# A dossier that was refused or dropped leads nowhere.
_STATES = {
    MomentEnchainement.APRES_DEPOT: (
        DossierState.EN_CONSTRUCTION,
        DossierState.EN_INSTRUCTION,
        DossierState.ACCEPTE,
    ),
    MomentEnchainement.A_L_ACCEPTATION: (DossierState.ACCEPTE,),
}


@dataclass(frozen=True)
class NextStep:
    """The dossiers that follow one, and the procédure that may be begun now."""

    following: list[Dossier]
    target: Procedure | None
    text: str

    @property
    def is_nothing(self) -> bool:
        """Tell whether there is nothing to say of it."""
        return not self.following and self.target is None


NOTHING_NEXT = NextStep([], None, "")


@dataclass(frozen=True)
class LinkedDossier:
    """A dossier before or after another: a number, a link for those who may read it."""

    number: int
    is_before: bool
    is_visible: bool


def enchainement_of(dossier: Dossier) -> Enchainement | None:
    """Return what comes after the procédure of a dossier, None for a test."""
    return None if dossier.is_test else getattr(dossier.procedure, "enchainement", None)


def offered_now(dossier: Dossier) -> Procedure | None:
    """Return the procédure that may follow a dossier now: its moment has come, it is open."""
    enchainement = enchainement_of(dossier)
    if enchainement is None or dossier.state not in _STATES[enchainement.moment]:
        return None
    return enchainement.target if enchainement.target.is_open else None


def next_step(dossier: Dossier) -> NextStep:
    """Return what the usager of a dossier began after it, and may begin."""
    following = list(
        Dossier.objects.filter(precedent=dossier, usager_id=dossier.usager_id)
        .select_related("procedure")
        .without_answers()
        .order_by("pk")
    )
    target = offered_now(dossier)
    if target is not None and target.pk in {it.procedure_id for it in following}:
        target = None
    return NextStep(following, target, dossier.procedure.enchainement.text if target else "")


def linked_dossiers(user, dossier: Dossier) -> list[LinkedDossier]:
    """Return the submitted dossiers before and after one, for its accompagnateur, in one query."""
    if dossier.is_test:
        return []
    visible = Dossier.objects.instructed_by(user).filter(pk=OuterRef("pk"))
    rows = (
        Dossier.objects.soumis()
        .filter(Q(pk=dossier.precedent_id) | Q(precedent=dossier))
        .annotate(is_visible=Exists(visible))
        .order_by("pk")
        .values_list("pk", "is_visible")
    )
    return [LinkedDossier(pk, pk == dossier.precedent_id, seen) for pk, seen in rows]


def announced(dossier: Dossier, event: str) -> str:
    """Return the sentence that the email of `event` adds, empty when nothing is offered then."""
    enchainement = enchainement_of(dossier) if is_announced_by(event) else None
    return "" if enchainement is None else announcement(enchainement, event)
