"""The days that « ce mois » means."""

from datetime import date, datetime, time, timedelta

from dateutil.relativedelta import relativedelta
from django.utils import timezone

PERIODS = {
    "aujourd-hui": "aujourd’hui",
    "cette-semaine": "cette semaine",
    "ce-mois": "ce mois",
    "cette-annee": "cette année",
    "7-jours": "les 7 derniers jours",
    "30-jours": "les 30 derniers jours",
}


def days_of(period: str) -> tuple[date, date]:
    """Return the first and the last day, in Paris, of one of `PERIODS`. Raises KeyError."""
    today = timezone.localdate()
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    return {
        "aujourd-hui": (today, today),
        "cette-semaine": (monday, monday + timedelta(days=6)),
        "ce-mois": (first, first + relativedelta(months=1, days=-1)),
        "cette-annee": (today.replace(month=1, day=1), today.replace(month=12, day=31)),
        "7-jours": (today - timedelta(days=6), today),
        "30-jours": (today - timedelta(days=29), today),
    }[period]


def beginning_of(day: date) -> datetime:
    """Return the first moment of a day in Paris."""
    return timezone.make_aware(datetime.combine(day, time.min))
