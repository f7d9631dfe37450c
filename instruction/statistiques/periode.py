"""The period that statistics are about."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from django.db import models
from django.db.models import Q
from django.utils import timezone


class Prereglage(models.TextChoices):
    """A period that one chooses by its name; it ends today."""

    MOIS = "30-jours", "30 derniers jours"
    TRIMESTRE = "3-mois", "3 derniers mois"
    ANNEE = "12-mois", "12 derniers mois"
    TOUT = "tout", "Depuis le début"


_DAYS = {Prereglage.MOIS: 30, Prereglage.TRIMESTRE: 91, Prereglage.ANNEE: 365}
DATES_FROM, DATES_TO = date(2000, 1, 1), date(2100, 12, 31)


@dataclass(frozen=True)
class Periode:
    """Days in Paris, the first and the last included; None: without end on that side."""

    first: date | None = None
    last: date | None = None
    prereglage: Prereglage | None = None

    @classmethod
    def of(cls, prereglage: Prereglage) -> "Periode":
        """Return the period of that name, as of today."""
        days = _DAYS.get(prereglage)
        first = timezone.localdate() - timedelta(days=days - 1) if days else None
        return cls(first, None, prereglage)

    def within(self, field: str) -> Q:
        """Return the condition that a moment falls within the period."""
        first, end = self.moments
        rule = Q(**{f"{field}__isnull": False})
        if first is not None:
            rule &= Q(**{f"{field}__gte": first})
        if end is not None:
            rule &= Q(**{f"{field}__lt": end})
        return rule

    @property
    def moments(self) -> tuple[datetime | None, datetime | None]:
        """Return when it begins, and when it has ended."""
        first = _beginning(self.first) if self.first else None
        return first, _beginning(self.last + timedelta(days=1)) if self.last else None

    @property
    def label(self) -> str:
        """Say the period: `du 03/11/2026 au 25/11/2026`."""
        if self.prereglage is not None:
            return self.prereglage.label.lower()
        first = f"{self.first:%d/%m/%Y}" if self.first else ""
        last = f"{self.last:%d/%m/%Y}" if self.last else ""
        if first and last:
            return f"le {first}" if first == last else f"du {first} au {last}"
        return f"depuis le {first}" if first else f"jusqu’au {last}"

    @property
    def query_string(self) -> str:
        """Return the parameters that bring this period back, with their `?`."""
        if self.prereglage is not None:
            return f"?{urlencode({'periode': self.prereglage.value})}"
        dates = {"du": self.first, "au": self.last}
        return f"?{urlencode({name: day.isoformat() for name, day in dates.items() if day})}"


def _beginning(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
