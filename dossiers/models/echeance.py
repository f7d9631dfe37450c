"""Until when the service must answer a dossier, and what its silence then means."""

from datetime import date

from dateutil.relativedelta import relativedelta
from django.db import models
from django.utils import timezone

from procedures.models import RegleDeDelai

# How many days before its end the service is warned, the last one first.
ECHEANCE_WARNED_BEFORE_DAYS = (1, 7, 15)
ECHEANCE_URGENT_DAYS = 7


class EcheanceLegale(RegleDeDelai):
    """The legal deadline of one dossier, under the rule in force when it was filed.

    Written in `dossiers.echeances` alone, under the lock of the dossier. All dates are of Paris;
    `Dossier.due_on` repeats `due_on` while it runs, for lists.
    """

    dossier = models.OneToOneField(
        "dossiers.Dossier", models.CASCADE, primary_key=True, related_name="echeance"
    )
    # The day of what started it: day 1 is the following one. None while it waits to be complete.
    started_on = models.DateField("début", null=True)
    # The last day the service has. None before it starts.
    due_on = models.DateField("échéance", null=True)
    # The day since when it stands still: a correction is awaited, or the dossier was withdrawn.
    suspended_on = models.DateField("suspension", null=True)
    # A decision was taken, by a person or by its end; it never starts again by itself.
    ended_at = models.DateTimeField("fin", null=True)
    # The smallest number of days of which the service was warned.
    warned_days = models.PositiveSmallIntegerField(null=True)

    class Meta:
        verbose_name = "échéance légale"
        verbose_name_plural = "échéances légales"

    def __str__(self):
        return f"échéance légale du dossier nº {self.dossier_id}"

    @property
    def is_waiting(self) -> bool:
        """Tell whether it has not begun: the dossier is not complete."""
        return self.ended_at is None and self.started_on is None

    @property
    def is_suspended(self) -> bool:
        """Tell whether it stands still."""
        return self.ended_at is None and self.suspended_on is not None

    @property
    def is_running(self) -> bool:
        """Tell whether its days go by."""
        return self.ended_at is None and self.due_on is not None and self.suspended_on is None

    @property
    def is_past(self) -> bool:
        """Tell whether its last day is over."""
        return self.is_running and self.due_on < timezone.localdate()

    @property
    def days_left(self) -> int | None:
        """Return the days left after today, those it had when it was suspended; None before."""
        if self.due_on is None:
            return None
        return (self.due_on - (self.suspended_on or timezone.localdate())).days

    @property
    def left_in_words(self) -> str:
        """Return « 12 jours restants »."""
        return days_left_in_words(self.days_left)


def days_left_in_words(days: int) -> str:
    """Return « 12 jours restants », « dernier jour », « échéance passée »."""
    if days < 0:
        return "échéance passée"
    if days == 0:
        return "dernier jour"
    return f"{days} jour{'s' if days > 1 else ''} restant{'s' if days > 1 else ''}"


class TempsDuDossier:
    """What a dossier says of its legal deadline and of its conservation."""

    @property
    def legal_deadline(self) -> EcheanceLegale | None:
        """Return its legal deadline, None without one; costs a query unless joined."""
        return getattr(self, "echeance", None)

    @property
    def due_days(self) -> int | None:
        """Return how many days the service has after today, None while nothing runs."""
        return None if self.due_on is None else (self.due_on - timezone.localdate()).days

    @property
    def due_in_words(self) -> str:
        """Return « 12 jours restants », an empty string while nothing runs."""
        return "" if self.due_on is None else days_left_in_words(self.due_days)

    @property
    def is_due_soon(self) -> bool:
        """Tell whether less than a week is left."""
        return self.due_on is not None and self.due_days < ECHEANCE_URGENT_DAYS

    @property
    def kept_until(self) -> date | None:
        """Return the last day it is kept, None while it is not terminé; read `procedure` with it.

        Never before the day that was announced. Source: RGPD art. 5(1)(e).
        """
        if not self.is_termine:
            return None
        months = self.procedure.retention_months + self.kept_months_more
        kept = timezone.localdate(self.decided_at) + relativedelta(months=months)
        return max(kept, self.erasure_announced_on or kept)

    @property
    def is_erased_soon(self) -> bool:
        """Tell whether its erasure was announced, for the day it is kept until."""
        return self.is_termine and self.erasure_announced_on == self.kept_until
