"""Which dossiers, real or of the test mode, and who sees them."""

from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from django.contrib.postgres.search import SearchQuery
from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Prefetch, Q, Subquery, When
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from commun.text import words
from dossiers.enums import (
    CONSERVATION_WARNED_BEFORE,
    CORBEILLE_DAYS,
    STATES_EN_COURS,
    STATES_TERMINES,
    DossierState,
    DossierTab,
    MessageSide,
)
from dossiers.models.correction import Correction
from dossiers.models.history import HistoryEntry
from dossiers.models.invite import Invite
from dossiers.models.message import FilMessagerie, LectureMessagerie, Message
from dossiers.models.piece_jointe import PieceJointe
from dossiers.models.suivi import Suivi
from dossiers.models.texte_interne import TexteInterne
from entreprise_api.enums import LookupState
from procedures.models import Affectation, Procedure

SEARCH_WORDS_MAX = 10
PK_DIGITS_MAX = 18
# What a row of a list does not show, and would be long to fetch.
UNSHOWN_IN_LISTS = (
    "reponses",
    "saisies_refusees",
    "auteurs",
    "annotations",
    "annotations_refusees",
    "annotations_auteurs",
    "motivation",
    "search_text",
    "search_vector",
)
# How many dossiers found by their messages are named one by one to PostgreSQL.
FOUND_BY_MESSAGES_MAX = 2000
_TABS = {
    DossierTab.EN_COURS: ~Q(state__in=STATES_TERMINES) & Q(archived_at=None),
    DossierTab.TERMINES: Q(state__in=STATES_TERMINES, archived_at=None),
    DossierTab.ARCHIVES: Q(archived_at__isnull=False),
}


class _MonthsLater(models.Func):
    """The day that comes so many months after another: the last of the month if there is none."""

    template = "(%(expressions)s))::date"
    arg_joiner = " + make_interval(months => "
    output_field = models.DateField()


def search_query(text: str) -> SearchQuery | None:
    """Return what finds every word of `text`, each taken as a beginning; None without a word."""
    terms = words(text)[:SEARCH_WORDS_MAX]
    if not terms:
        return None
    query = " & ".join(f"{term}:*" for term in terms)
    return SearchQuery(query, search_type="raw", config="simple")


class DossierQuerySet(models.QuerySet):
    """Which dossiers, and who sees them."""

    def owned_by(self, user):
        """Return the dossiers whose usager is `user`, but those they put away."""
        return self.filter(usager_id=user.pk, hidden_at=None)

    def in_corbeille_of(self, user):
        """Return the dossiers that `user` may take back from the bin; ask `with_trash`."""
        since = timezone.now() - timedelta(days=CORBEILLE_DAYS)
        thrown = Q(deleted_at__gt=since) | Q(deleted_at=None, hidden_at__gt=since)
        return self.filter(thrown, usager_id=user.pk, is_test=False)

    def filled_in_by(self, user):
        """Return the dossiers `user` reads as their usager does, and may have a right to fill in.

        - Its usager, unless they put it away.
        - Whoever accepted an invitation of the usager, whatever their right.
        """
        own = self.model._base_manager.filter(usager_id=user.pk, hidden_at=None).values("pk")
        shared = Invite.objects.active().of_usager().filter(user_id=user.pk)
        # A union: each half has its index, where an OR would walk the whole table.
        return self.filter(pk__in=own.union(shared.values("dossier_id")))

    def consulted_by(self, user):
        """Return the submitted dossiers that the service asked `user` to look at."""
        asked = Invite.objects.active().of_service().filter(user_id=user.pk)
        return self.soumis().filter(is_test=False, pk__in=asked.values("dossier_id"))

    def instructed_by(self, user):
        """Return the submitted dossiers of the groupes of which `user` is; no brouillon.

        No test either, whichever manager is asked.
        """
        return (
            self.exclude(state=DossierState.BROUILLON)
            .filter(
                is_test=False,
            )
            .filter(_is_of_groupe_of(user))
        )

    def examined_by(self, user):
        """Return the submitted dossiers `user` may read as their accompagnateur.

        - A real one: whoever is of its groupe.
        - A test: its tester, and the administrateurs of its procédure, who play the part.
        """
        return self.soumis().filter(_is_examined_by(user))

    def followed_by(self, user):
        """Return the dossiers whose decision `user` may read: as usager, their invité included,
        or as accompagnateur.
        """
        return self.filter(_is_filled_in_by(user) | _is_submitted(_is_examined_by(user)))

    def visible_to(self, user):
        """Return every dossier whose answers and files `user` may read.

        - Its usager, and who accepted their invitation.
        - Once it is submitted, its accompagnateurs, and who accepted an invitation of theirs.
        """
        return self.filter(
            _is_filled_in_by(user)
            | _is_submitted(_is_examined_by(user) | _has_invite(user, Invite.objects.of_service()))
        )

    def in_dialogue_with(self, user):
        """Return the brouillons whose usager wrote to the service of which `user` is.

        Their thread alone may be shown, none of their answers.
        """
        return self.filter(
            _is_examined_by(user),
            Exists(FilMessagerie.objects.filter(dossier_id=OuterRef("pk"))),
            state=DossierState.BROUILLON,
        )

    def conversing_with(self, user):
        """Return the dossiers whose messagerie `user` may read, on either side."""
        in_dialogue = Exists(FilMessagerie.objects.filter(dossier_id=OuterRef("pk")))
        examined = _is_examined_by(user)
        return self.filter(
            _is_filled_in_by(user)
            | _is_submitted(examined)
            | (Q(state=DossierState.BROUILLON) & in_dialogue & examined)
        )

    def for_procedure(self, procedure):
        """Return the dossiers of one procédure."""
        return self.filter(procedure=procedure)

    def in_groupes_of(self, user, procedure):
        """Return the submitted dossiers of the groupes of `user` in one procédure.

        Costs a query: PostgreSQL then knows how many groupes they are.
        """
        mine = Affectation.objects.filter(procedure=procedure, user_id=user.pk)
        groupes = list(mine.values_list("groupe_id", flat=True))
        found = self.filter(procedure=procedure).soumis()
        if len(groupes) == 1:
            return found.filter(groupe_id=groupes[0])
        return found.filter(groupe_id__in=groupes)

    def soumis(self):
        """Return the dossiers that accompagnateurs may see."""
        return self.exclude(state=DossierState.BROUILLON)

    def termines(self):
        """Return the decided dossiers."""
        return self.filter(state__in=STATES_TERMINES)

    def with_expiry(self):
        """Add `expires_on`, the last day that a terminé is kept, in Paris."""
        months = F("procedure__retention_months") + F("kept_months_more")
        return self.annotate(expires_on=_MonthsLater(TruncDate("decided_at"), months))

    def expiring_by(self, day: date):
        """Return the terminés whose conservation ends by `day`, with `expires_on`."""
        return self.termines().with_expiry().filter(expires_on__lte=day)

    def expiring_soon(self, procedure):
        """Return the terminés of a procédure that are erased within thirty days."""
        by = timezone.localdate() + CONSERVATION_WARNED_BEFORE
        # What the index knows how to look for; the exact day comes after.
        latest = timezone.now() + CONSERVATION_WARNED_BEFORE + timedelta(days=4)
        latest -= relativedelta(months=procedure.retention_months)
        found = self.filter(procedure=procedure, decided_at__lte=latest)
        return found.expiring_by(by)

    def with_labels(self):
        """Fetch what a row of a list shows of its labels, in one query for all."""
        return self.prefetch_related("labels")

    def en_cours(self):
        """Return the submitted dossiers that are not decided."""
        return self.filter(state__in=STATES_EN_COURS)

    def a_suivre(self):
        """Return the open dossiers that nobody follows."""
        return self.en_cours().filter(archived_at=None, followers_count=0)

    def suivis_by(self, user):
        """Return the open dossiers that `user` follows."""
        mine = Suivi.objects.filter(user_id=user.pk).values("dossier_id")
        return self.en_cours().filter(archived_at=None, pk__in=mine)

    def awaited(self):
        """Return the dossiers whose usager the service waits for."""
        return self.filter(archived_at=None, awaited_since__isnull=False)

    def archived(self):
        """Return the archived dossiers, whatever their state."""
        return self.exclude(archived_at=None)

    def not_archived(self):
        """Return the dossiers that are not archived."""
        return self.filter(archived_at=None)

    def search(self, text: str):
        """Return the dossiers that hold every word of `text`, each taken as a beginning.

        Accents and case are ignored; a dossier's number, people, company and answers are searched.
        """
        query = search_query(text)
        return self if query is None else self.filter(search_vector=query)

    def search_by_service(self, text: str, procedure=None):
        """Return what `search` finds, and the dossiers of which messages or annotations say it.

        For the service alone: the usager must not find by an annotation. Costs a query: rare
        words then have their index, and frequent ones are met at once in the order of a list.
        """
        query = search_query(text)
        if query is None:
            return self
        told = TexteInterne.objects.filter(search_vector=query)
        if procedure is not None:
            told = told.filter(procedure=procedure)
        found = list(told.values_list("dossier_id", flat=True)[: FOUND_BY_MESSAGES_MAX + 1])
        if not found:
            return self.filter(search_vector=query)
        if len(found) > FOUND_BY_MESSAGES_MAX:
            here = TexteInterne.objects.filter(dossier_id=OuterRef("pk"), search_vector=query)
            return self.filter(Q(search_vector=query) | Exists(here))
        return self.filter(Q(search_vector=query) | Q(pk__in=found))

    def search_of_usager(self, text: str):
        """Return the dossiers whose usager, looking for `text`, means them.

        The title of the procédure counts too. The hidden name of a company that asked not to
        be published must not be guessed from what is found: only its numbers are searched.
        """
        terms = words(text)[:SEARCH_WORDS_MAX]
        if not terms:
            return self
        protected = Q(etablissement__state=LookupState.COMPLET, etablissement__diffusable=False)
        by_title, by_number = Q(), Q()
        for term in terms:
            by_title &= Q(procedure__search_text__contains=term)
            by_number &= Q(etablissement__siret__startswith=term) | Q(
                pk=int(term) if term.isdecimal() and len(term) < PK_DIGITS_MAX else None
            )
        searched = Q(pk__in=self.order_by().search(text).values("pk"))
        return self.filter((searched & ~protected) | by_title | by_number)

    def in_tab(self, tab: str):
        """Return the dossiers of one tab of « Mes dossiers »."""
        return self.filter(_TABS[tab])

    def tab_counts(self) -> dict[str, int]:
        """Return how many dossiers each tab holds, in one query."""
        return self.aggregate(**{tab: Count("pk", filter=rule) for tab, rule in _TABS.items()})

    def with_unread(self, user):
        """Add `unread_count`: the messages that `user`, of the usager's side, has not read."""
        return self.annotate(unread_count=_count(unread_by_usager(user)))

    def with_unread_by_service(self, user):
        """Add `unread_count`: the messages of the usager's side that nobody of the service
        answered and that `user`, an accompagnateur, has not read."""
        waiting = FilMessagerie.objects.filter(dossier_id=OuterRef("dossier_id")).values(
            "waiting_from"
        )
        unread = Message.objects.filter(
            dossier_id=OuterRef("pk"),
            id__gt=Coalesce(_last_read(user), 0),
            id__gte=Subquery(waiting),
        ).exclude(side=MessageSide.SERVICE)
        return self.annotate(unread_count=_count(unread))

    def with_corrections(self):
        """Add `correction_due` and `correction_made`, 1 or 0.

        The first says that the usager is asked to correct; the second, that they did since the
        last passage en instruction.
        """
        is_open = Q(state=DossierState.EN_CONSTRUCTION)
        asked = Correction.objects.filter(dossier_id=OuterRef("pk"))
        since = Coalesce(OuterRef("instruction_started_at"), OuterRef("created_at"))
        is_due = Exists(asked.pending())
        is_made = Exists(asked.resolved().filter(asked_at__gte=since))
        return self.annotate(
            correction_due=Case(When(is_open & is_due, then=1), default=0),
            correction_made=Case(When(is_open & ~is_due & is_made, then=1), default=0),
        )

    def with_people(self):
        """Join what a row of a list shows: usager, company, procédure."""
        return self.select_related("usager", "etablissement", "procedure__organisme", "groupe")

    def without_answers(self):
        """Leave in the database what a row of a list does not show."""
        return self.defer(*UNSHOWN_IN_LISTS)

    def with_demande(self):
        """Fetch what was filed and its files, in a fixed number of queries."""
        return self.select_related(
            "usager",
            "etablissement",
            "procedure__organisme",
            "groupe",
            "revision",
            "attestation",
            "echeance",
        ).prefetch_related(Prefetch("pieces_jointes", PieceJointe.objects.listed()))

    def with_detail(self):
        """Fetch what was filed, its files and its history, in a fixed number of queries."""
        return self.with_demande().prefetch_related(
            Prefetch("history", HistoryEntry.objects.select_related("by"))
        )


def _is_filled_in_by(user) -> Q:
    own = Q(usager_id=user.pk, hidden_at=None)
    return own | _has_invite(user, Invite.objects.of_usager())


def _has_invite(user, invites) -> Q:
    return Q(Exists(invites.active().filter(dossier_id=OuterRef("pk"), user_id=user.pk)))


def _is_submitted(rule: Q) -> Q:
    return ~Q(state=DossierState.BROUILLON) & rule


def unread_by_usager(user):
    """Return the messages of the outer dossier that `user`, of the usager's side, has not read."""
    return Message.objects.filter(
        dossier_id=OuterRef("pk"), id__gt=Coalesce(_last_read(user), 0)
    ).exclude(author_id=user.pk)


def _last_read(user) -> Subquery:
    """Return the number of the last message that `user` read in the thread of a message."""
    lectures = LectureMessagerie.objects.filter(user_id=user.pk, dossier_id=OuterRef("dossier_id"))
    return Subquery(lectures.values("last_message_id"))


def _count(messages) -> Coalesce:
    counted = messages.order_by().values("dossier_id").annotate(total=Count("pk"))
    return Coalesce(Subquery(counted.values("total")), 0)


def _is_of_groupe_of(user) -> Q:
    return Q(Exists(Affectation.objects.filter(groupe_id=OuterRef("groupe_id"), user_id=user.pk)))


def _is_examined_by(user) -> Q:
    anywhere = Affectation.objects.filter(procedure_id=OuterRef("procedure_id"), user_id=user.pk)
    # A brouillon is nobody's yet: each accompagnateur of the procédure may be asked about it.
    assigned = _is_of_groupe_of(user) | Q(Q(state=DossierState.BROUILLON) & Exists(anywhere))
    designed = Procedure.objects.administered_by(user).filter(pk=OuterRef("procedure_id"))
    tester = Q(usager_id=user.pk) | Exists(designed)
    return Q(Q(is_test=False) & assigned) | Q(Q(is_test=True) & tester)


class DossierTrashManager(models.Manager.from_queryset(DossierQuerySet)):
    """Every row, those of the test mode and of the bin too: for the bin itself and for upkeep."""


class DossierWithTestsManager(models.Manager.from_queryset(DossierQuerySet)):
    """The dossiers that are not in the bin, those of the test mode too."""

    def get_queryset(self):
        return super().get_queryset().filter(deleted_at=None)


class DossierManager(models.Manager.from_queryset(DossierQuerySet)):
    """The real dossiers, out of the bin: what is listed, counted, searched and exported."""

    def get_queryset(self):
        return super().get_queryset().filter(is_test=False, deleted_at=None)


class DossierTestManager(models.Manager.from_queryset(DossierQuerySet)):
    """The dossiers of the test mode alone."""

    def get_queryset(self):
        return super().get_queryset().filter(is_test=True)
