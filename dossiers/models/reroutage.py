"""The dossiers of a procédure sent among its groupes again: looked at first, then done."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from dossiers.enums import ReroutageKind

LEFT_BEHIND_SECONDS = 300


class ReroutageQuerySet(models.QuerySet):
    """Which are under way."""

    def en_cours(self):
        """Return those that are not finished."""
        return self.filter(finished_at=None)

    def left_behind(self, now):
        """Return those that no worker carried on for a while."""
        since = now - timedelta(seconds=LEFT_BEHIND_SECONDS)
        return self.en_cours().filter(active_at__lt=since)


class Reroutage(models.Model):
    """One walk over the dossiers, asked by an administrateur: how far it went, what it moved.

    An aperçu changes nothing; an application follows the rules; a suppression empties a groupe
    into another, then deletes it.
    """

    procedure = models.ForeignKey("procedures.Procedure", models.CASCADE, related_name="reroutages")
    kind = models.CharField("nature", max_length=20, choices=ReroutageKind)
    # Of a suppression alone.
    source = models.ForeignKey(
        "procedures.Groupe", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    target = models.ForeignKey(
        "procedures.Groupe", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    source_name = models.CharField(max_length=100, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    # Of the rules it followed: others since, and its result says nothing any more.
    rules_mark = models.CharField(max_length=64, blank=True)
    total = models.PositiveIntegerField("dossiers concernés", default=0)
    done = models.PositiveIntegerField("dossiers examinés", default=0)
    # What moves, by the names of both groupes: [{"from", "to", "count", "examples"}, …].
    moves = models.JSONField(default=list)
    # How many an aperçu had announced.
    announced = models.PositiveIntegerField(default=0)
    # Those left where they are, and why: [[number, reason], …], the first hundred.
    skipped = models.PositiveIntegerField("dossiers laissés", default=0)
    reasons = models.JSONField(default=list)
    last_dossier_id = models.PositiveBigIntegerField(default=0)
    # Why it ended before its end, empty when it did not.
    stopped = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField("demande", default=timezone.now)
    active_at = models.DateTimeField("dernière activité", default=timezone.now)
    finished_at = models.DateTimeField("fin", null=True)

    objects = ReroutageQuerySet.as_manager()

    class Meta:
        verbose_name = "réaffectation aux groupes"
        verbose_name_plural = "réaffectations aux groupes"
        constraints = [
            models.UniqueConstraint(
                fields=["procedure"],
                condition=Q(finished_at=None),
                name="reroutage_one_at_a_time",
            )
        ]

    def __str__(self):
        return f"{self.get_kind_display()} sur « {self.procedure} »"

    @property
    def moved(self) -> int:
        """Return how many dossiers move, or moved."""
        return sum(move["count"] for move in self.moves)

    @property
    def is_preview(self) -> bool:
        """Tell whether it changes nothing."""
        return self.kind == ReroutageKind.APERCU

    @property
    def percentage(self) -> int:
        """Return how far it went, from 0 to 100."""
        return 100 if not self.total else min(100, 100 * self.done // self.total)
