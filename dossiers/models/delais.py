"""How long a procédure really takes."""

import math

from django.db import models
from django.utils import timezone

DAY_SECONDS = 86_400


class DelaisConstates(models.Model):
    """The delays of one procédure over the last twelve months, made by a task.

    There is no row for a procédure that decided too few dossiers to say anything.
    """

    procedure = models.OneToOneField(
        "procedures.Procedure", models.CASCADE, primary_key=True, related_name="delais"
    )
    dossiers = models.PositiveIntegerField("dossiers décidés")
    # Half of the dossiers, then nine out of ten, took this long at most, in seconds.
    decision_median = models.FloatField()
    decision_p90 = models.FloatField()
    instruction_median = models.FloatField("du dépôt au passage en instruction")
    instruction_p90 = models.FloatField()
    examen_median = models.FloatField("du passage en instruction à la décision")
    examen_p90 = models.FloatField()
    computed_at = models.DateTimeField("calcul", default=timezone.now)

    class Meta:
        verbose_name = "délais constatés"
        verbose_name_plural = "délais constatés"

    def __str__(self):
        return f"délais constatés : {self.decision}"

    @property
    def decision(self) -> str:
        """Say how long the decision takes from the submission."""
        return in_words(self.decision_median, self.decision_p90)

    @property
    def instruction(self) -> str:
        """Say how long it takes to pass en instruction."""
        return in_words(self.instruction_median, self.instruction_p90)

    @property
    def examen(self) -> str:
        """Say how long the decision takes once en instruction."""
        return in_words(self.examen_median, self.examen_p90)


def in_words(median_seconds: float, p90_seconds: float) -> str:
    """Return « 12 jours dans la moitié des cas, 30 jours pour neuf dossiers sur dix »."""
    median, p90 = _days(median_seconds), _days(p90_seconds)
    if median == p90:
        return f"{_written(p90)} pour neuf dossiers sur dix"
    return f"{_written(median)} dans la moitié des cas, {_written(p90)} pour neuf dossiers sur dix"


def _days(seconds: float) -> int:
    """Round up: a delay is not promised shorter than it was."""
    return max(1, math.ceil(seconds / DAY_SECONDS))


def _written(days: int) -> str:
    return "1 jour" if days == 1 else f"{days} jours"
