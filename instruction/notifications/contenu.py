"""What is new for one person in a period, in a number of queries that depends on nothing."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, F, OuterRef, Q, Subquery, Sum, Window
from django.db.models.functions import RowNumber

from dossiers.enums import (
    INVITE_ORIGIN_OF_ACTION,
    STATES_EN_COURS,
    HistoryAction,
    MessageSide,
)
from dossiers.models import (
    UNSHOWN_IN_LISTS,
    Compteur,
    Dossier,
    HistoryEntry,
    Invite,
    Message,
    Suivi,
)
from dossiers.preferences import preferences_of
from instruction.enums import Rythme
from instruction.notifications.periodes import Periode
from procedures.models import Affectation, Procedure

DOSSIERS_NAMED = 10
# What is no news of a followed dossier: its deposit is told apart, the rest is housekeeping.
_NO_NEWS = (
    HistoryAction.SUBMIT,
    HistoryAction.UPDATE_FORM,
    HistoryAction.ARCHIVE,
    HistoryAction.UNARCHIVE,
    *INVITE_ORIGIN_OF_ACTION,
)
_UNSHOWN = [f"dossier__{name}" for name in UNSHOWN_IN_LISTS]
_NEWS_OF_INVITED = (
    HistoryAction.DEPOSIT_CHANGES,
    HistoryAction.RESOLVE_CORRECTION,
)


@dataclass
class DossierNews:
    """What happened to one dossier, in words, with how often."""

    pk: int
    name: str
    events: Counter = field(default_factory=Counter)

    @property
    def text(self) -> str:
        """Return what happened, as one line."""
        return " · ".join(
            f"{label} ({count})" if count > 1 else label for label, count in self.events.items()
        )


@dataclass
class ProcedureNews:
    """What is new in one procédure; `waiting` counts what nobody follows yet."""

    procedure: Procedure
    new_count: int = 0
    new: list[Dossier] = field(default_factory=list)
    followed: dict[int, DossierNews] = field(default_factory=dict)
    invited: dict[int, DossierNews] = field(default_factory=dict)
    waiting: int = 0

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing happened."""
        return not (self.new_count or self.followed or self.invited)

    @property
    def more_new(self) -> int:
        """Return how many new dossiers are not named."""
        return self.new_count - len(self.new)

    @property
    def followed_named(self) -> list[DossierNews]:
        """Return the first followed dossiers."""
        return list(self.followed.values())[:DOSSIERS_NAMED]

    @property
    def more_followed(self) -> int:
        """Return how many followed dossiers are not named."""
        return len(self.followed) - len(self.followed_named)

    @property
    def invited_named(self) -> list[DossierNews]:
        """Return the first dossiers the person was invited to."""
        return list(self.invited.values())[:DOSSIERS_NAMED]


def news_of(user, periode: Periode) -> list[ProcedureNews]:
    """Return the news of a person by procédure, those without news left out.

    Their own acts never count, nor what they asked not to be told of.
    """
    groupes = _groupes_of(user)
    invites = Invite.objects.active().of_service().filter(user_id=user.pk)
    invited = dict(invites.values_list("dossier_id", "dossier__procedure_id"))
    wanted = _wanted(user, {*groupes, *invited.values()}, periode.kind)
    news = {procedure.pk: ProcedureNews(procedure) for procedure in wanted}
    mine = [pk for procedure_id in news for pk in groupes.get(procedure_id, [])]
    if mine:
        _add_new(news, user, mine, periode)
        _add_followed(news, user, mine, periode)
        _add_messages(news, user, mine, periode)
    asked = [pk for pk, procedure_id in invited.items() if procedure_id in news]
    if asked:
        _add_invited(news, user, asked, periode)
    found = [item for item in news.values() if not item.is_empty]
    _add_waiting(found, mine)
    return found


def _groupes_of(user) -> dict[int, list[int]]:
    groupes = defaultdict(list)
    for procedure_id, groupe_id in Affectation.objects.filter(user_id=user.pk).values_list(
        "procedure_id", "groupe_id"
    ):
        groupes[procedure_id].append(groupe_id)
    return dict(groupes)


def _wanted(user, procedure_ids: Iterable[int], kind: Rythme) -> list[Procedure]:
    name = "weekly" if kind == Rythme.SEMAINE else "daily"
    preferences = preferences_of(user, procedure_ids)
    wanted = [pk for pk, preference in preferences.items() if getattr(preference, name)]
    return list(Procedure.objects.filter(pk__in=wanted).order_by("title", "pk"))


def _add_new(news: dict, user, groupes: list[int], periode: Periode) -> None:
    by_procedure = {"partition_by": F("procedure_id")}
    rows = (
        Dossier.objects.soumis()
        .filter(
            groupe_id__in=groupes, submitted_at__gte=periode.start, submitted_at__lt=periode.end
        )
        .exclude(usager_id=user.pk)
        .annotate(
            total=Window(Count("pk"), **by_procedure),
            rank=Window(RowNumber(), order_by=["submitted_at", "pk"], **by_procedure),
        )
        .filter(rank__lte=DOSSIERS_NAMED)
        .with_people()
        .without_answers()
    )
    for dossier in rows:
        item = news[dossier.procedure_id]
        item.new_count = dossier.total
        item.new.append(dossier)


def _add_followed(news: dict, user, groupes: list[int], periode: Periode) -> None:
    entries = (
        _entries_of(user, periode)
        .filter(dossier__in=_followed(user, groupes))
        .exclude(action__in=_NO_NEWS)
    )
    for entry in entries:
        _note(news[entry.dossier.procedure_id].followed, entry.dossier, entry.get_action_display())


def _add_messages(news: dict, user, groupes: list[int], periode: Periode) -> None:
    counts = (
        Message.objects.filter(dossier_id=OuterRef("pk"), created_at__range=_within(periode))
        .exclude(side=MessageSide.SERVICE)
        .order_by()
        .values("dossier_id")
        .annotate(total=Count("pk"))
        .values("total")
    )
    rows = _followed(user, groupes).annotate(messages_count=Subquery(counts))
    for dossier in rows.filter(messages_count__gt=0).with_people().without_answers():
        item = _note(news[dossier.procedure_id].followed, dossier, "")
        item.events["Nouveau message"] = dossier.messages_count


def _add_invited(news: dict, user, dossiers: list[int], periode: Periode) -> None:
    entries = _entries_of(user, periode).filter(
        dossier_id__in=dossiers, action__in=_NEWS_OF_INVITED
    )
    for entry in entries:
        _note(news[entry.dossier.procedure_id].invited, entry.dossier, entry.get_action_display())


def _add_waiting(found: list[ProcedureNews], groupes: list[int]) -> None:
    """Say how many dossiers nobody follows, from the counts that the database keeps."""
    if not found or not groupes:
        return
    totals = dict(
        Compteur.objects.filter(
            procedure_id__in=[item.procedure.pk for item in found],
            groupe_id__in=groupes,
            state__in=STATES_EN_COURS,
            is_archived=False,
            is_followed=False,
        )
        .values_list("procedure_id")
        .annotate(total=Sum("number"))
        .order_by()
    )
    for item in found:
        item.waiting = totals.get(item.procedure.pk, 0)


def _entries_of(user, periode: Periode):
    """Return what others did in the period, with the dossiers it is about."""
    others = ~Q(by_id=user.pk) | Q(by=None)
    entries = HistoryEntry.objects.filter(others, at__range=_within(periode))
    joined = ("dossier__usager", "dossier__etablissement")
    entries = entries.select_related(*joined).defer(*_UNSHOWN)
    return entries.order_by("at", "id")


def _within(periode: Periode) -> tuple:
    """Return the bounds of a period for `range`, which holds its last instant too."""
    return periode.start, periode.last_instant


def _followed(user, groupes: list[int]):
    followed = Suivi.objects.filter(user_id=user.pk).values("dossier_id")
    return Dossier.objects.soumis().filter(pk__in=followed, groupe_id__in=groupes)


def _note(found: dict[int, DossierNews], dossier: Dossier, label: str) -> DossierNews:
    item = found.setdefault(dossier.pk, DossierNews(dossier.pk, dossier.demandeur_name))
    if label:
        item.events[label] += 1
    return item
