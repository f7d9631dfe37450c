"""When the digests leave, and of which days they tell, by the calendar of Paris."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.formats import date_format

from instruction.enums import Rythme

WEEKLY_AT = time(6)
DAILY_AT = time(7, 30)
MONDAY, FRIDAY = 0, 4


@dataclass(frozen=True)
class Periode:
    """Some whole days: from `starts_on` to the day before `ends_on`."""

    kind: Rythme
    starts_on: date
    ends_on: date

    @property
    def start(self) -> datetime:
        """Return the moment it begins."""
        return _midnight(self.starts_on)

    @property
    def end(self) -> datetime:
        """Return the moment it is over."""
        return _midnight(self.ends_on)

    @property
    def last_instant(self) -> datetime:
        """Return its last instant, as fine as the database keeps them."""
        return self.end - timedelta(microseconds=1)

    @property
    def label(self) -> str:
        """Return its days in words."""
        last = self.ends_on - timedelta(days=1)
        if last == self.starts_on:
            return f"du {date_format(last, 'j F Y')}"
        form = "j" if last.month == self.starts_on.month else "j F"
        return f"du {date_format(self.starts_on, form)} au {date_format(last, 'j F Y')}"


def due_periods(now: datetime) -> list[Periode]:
    """Return the periods whose digest should have left by `now`: the last one of each kind.

    A digest that an outage held back leaves later in its week, or in its day; never afterwards.
    """
    local = timezone.localtime(now)
    today, hour = local.date(), local.time()
    due = []
    monday = today - timedelta(days=today.weekday())
    if today > monday or hour >= WEEKLY_AT:
        due.append(Periode(Rythme.SEMAINE, monday - timedelta(days=7), monday))
    if today.weekday() <= FRIDAY and hour >= DAILY_AT:
        days = 3 if today.weekday() == MONDAY else 1
        due.append(Periode(Rythme.JOUR, today - timedelta(days=days), today))
    return due


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
