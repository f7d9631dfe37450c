"""How long is left before a closing date, in words."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils import timezone

LAST_DAY = timedelta(days=1)
_UNITS = (("jour", 86_400), ("heure", 3_600), ("minute", 60))


@dataclass(frozen=True)
class Countdown:
    """What is left at `now` before `until`."""

    until: datetime
    now: datetime

    @property
    def text(self) -> str:
        """Return the two greatest units: `3 jours et 4 heures`, `12 minutes`."""
        return time_left(self.until, self.now)

    @property
    def is_last_day(self) -> bool:
        """Tell whether less than a day is left."""
        return self.until - self.now < LAST_DAY


def countdown_of(procedure) -> Countdown | None:
    """Return what is left to submit to `procedure`; None when it is not open or never closes."""
    if procedure.closes_at is None or not procedure.is_open:
        return None
    return Countdown(procedure.closes_at, timezone.now())


def time_left(until: datetime, now: datetime) -> str:
    """Write the time between two moments in true hours, whatever the clocks on walls do."""
    # In UTC: between two datetimes of one zone Python forgets the change of time.
    seconds = int((until.astimezone(UTC) - now.astimezone(UTC)).total_seconds())
    counts = []
    for name, length in _UNITS:
        count, seconds = divmod(max(seconds, 0), length)
        counts.append((count, name))
    first = next((rank for rank, (count, _) in enumerate(counts) if count), None)
    if first is None:
        return "moins d’une minute"
    shown = [
        f"{count} {name}{'s' if count > 1 else ''}"
        for count, name in counts[first : first + 2]
        if count
    ]
    return " et ".join(shown)
