"""What is new for a person since their last visit, computed in SQL: no query for each row."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import BooleanField, Case, Count, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from dossiers.models import (
    Dossier,
    DossierQuerySet,
    FilMessagerie,
    LectureMessagerie,
    Suivi,
)
from instruction.models import Visite

KINDS = ("demande", "annotations", "avis")


@dataclass(frozen=True)
class News:
    """What is new in one dossier, by kind."""

    news_demande: bool = False
    news_annotations: bool = False
    news_avis: bool = False
    unread_count: int = 0

    @property
    def news_messages(self) -> bool:
        """Tell whether there are messages to read."""
        return self.unread_count > 0


def with_news(dossiers: DossierQuerySet, user) -> DossierQuerySet:
    """Add `is_followed`, `news_demande`, `news_annotations`, `news_avis` and `unread_count`.

    The first four are booleans; the three kinds are news on the dossiers that `user` follows
    alone, what came since they last looked, or since they follow. Unread messages count on all.
    """
    followed_at = Suivi.objects.filter(user_id=user.pk, dossier_id=OuterRef("pk"))
    visites = Visite.objects.filter(user_id=user.pk, dossier_id=OuterRef("pk"))
    annotated = dossiers.with_unread_by_service(user).annotate(
        followed_at=Subquery(followed_at.values("created_at")),
        is_followed=_true_when(Q(followed_at__isnull=False)),
    )
    for kind in KINDS:
        seen_at = Coalesce(Subquery(visites.values(f"{kind}_at")), F("followed_at"))
        annotated = annotated.annotate(
            **{f"news_{kind}": _true_when(Q(**{f"{kind}_changed_at__gt": seen_at}))}
        )
    return annotated


def news_of(user, dossier: Dossier) -> News:
    """Return what is new in one dossier, in one query."""
    rows = with_news(Dossier.with_tests.filter(pk=dossier.pk), user)
    names = ("news_demande", "news_annotations", "news_avis", "unread_count")
    return News(**(rows.values(*names).first() or {}))


def count_news(procedure_ids: Iterable[int], *, by) -> dict[int, int]:
    """Return how many of the dossiers that `by` follows have news, by procédure, in one query.

    It walks what the person follows, whatever the number of dossiers.
    """
    visites = Visite.objects.filter(user_id=by.pk, dossier_id=OuterRef("dossier_id"))
    read = LectureMessagerie.objects.filter(user_id=by.pk, dossier_id=OuterRef("dossier_id"))
    waiting = FilMessagerie.objects.filter(dossier_id=OuterRef("dossier_id"))
    suivis = Suivi.objects.filter(
        user=by,
        dossier__procedure_id__in=list(procedure_ids),
        dossier__deleted_at=None,
        dossier__archived_at=None,
        dossier__is_test=False,
        dossier__groupe__affectations__user=by,
    ).annotate(
        waiting_to=Subquery(waiting.values("waiting_to")),
        read_to=Coalesce(Subquery(read.values("last_message_id")), 0),
    )
    is_new = Q(waiting_to__gt=F("read_to"))
    for kind in KINDS:
        seen_at = Coalesce(Subquery(visites.values(f"{kind}_at")), F("created_at"))
        is_new |= Q(**{f"dossier__{kind}_changed_at__gt": seen_at})
    rows = (
        suivis.filter(is_new)
        .order_by()
        .values_list("dossier__procedure_id")
        .annotate(total=Count("dossier_id", distinct=True))
    )
    return dict(rows)


def _true_when(rule: Q) -> Case:
    return Case(When(rule, then=Value(True)), default=Value(False), output_field=BooleanField())
