"""The move of the dossiers en construction of a procédure to its newest form."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

LEFT_BEHIND_SECONDS = 300


class MiseANiveauQuerySet(models.QuerySet):
    """Which moves are under way."""

    def en_cours(self):
        """Return the moves that are not finished."""
        return self.filter(finished_at=None)

    def left_behind(self, now):
        """Return the moves that no worker carried on for a while."""
        since = now - timedelta(seconds=LEFT_BEHIND_SECONDS)
        return self.en_cours().filter(active_at__lt=since)


class MiseANiveau(models.Model):
    """One move to a revision, asked by an administrateur: how far it went, what it left."""

    revision = models.ForeignKey(
        "procedures.Revision", models.CASCADE, related_name="mises_a_niveau"
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    total = models.PositiveIntegerField("dossiers concernés")
    moved = models.PositiveIntegerField("dossiers mis à niveau", default=0)
    # Those that kept their form, and why: [[number, reason], …], the first hundred.
    kept = models.PositiveIntegerField("dossiers inchangés", default=0)
    reasons = models.JSONField(default=list)
    last_dossier_id = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField("demande", default=timezone.now)
    active_at = models.DateTimeField("dernière activité", default=timezone.now)
    finished_at = models.DateTimeField("fin", null=True)

    objects = MiseANiveauQuerySet.as_manager()

    class Meta:
        verbose_name = "mise à niveau"
        verbose_name_plural = "mises à niveau"
        constraints = [
            models.UniqueConstraint(
                fields=["revision"],
                condition=Q(finished_at=None),
                name="mise_a_niveau_one_at_a_time",
            )
        ]

    def __str__(self):
        return f"mise à niveau vers {self.revision}"

    @property
    def done(self) -> int:
        """Return how many dossiers had their turn."""
        return self.moved + self.kept

    @property
    def percentage(self) -> int:
        """Return how far it went, from 0 to 100."""
        return 100 if not self.total else min(100, 100 * self.done // self.total)
