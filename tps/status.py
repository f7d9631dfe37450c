"""What the status page looks at."""

from dataclasses import dataclass
from datetime import timedelta

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from commun import antivirus
from courriels.models import Courriel

LATE_AFTER = timedelta(minutes=10)
REDIS_TIMEOUT_SECONDS = 1


@dataclass(frozen=True)
class Check:
    """One thing that was looked at; the service goes on without those that are not vital."""

    name: str
    label: str
    ok: bool
    detail: str
    is_vital: bool = False
    value: int | None = None

    def as_json(self) -> dict:
        """Return what a machine wants to know."""
        return {"ok": self.ok} | ({} if self.value is None else {"late": self.value})


def check_service() -> list[Check]:
    """Look at the database, Redis, the emails that wait, the antivirus; never raises."""
    database = _check_database()
    checks = [database, _check_redis(), _check_courriels(database_ok=database.ok)]
    return [*checks, _check_antivirus()] if antivirus.is_on() else checks


def _check_database() -> Check:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        detail = "La base de données ne répond pas : le service est interrompu."
        return Check("database", "Dossiers et comptes", ok=False, detail=detail, is_vital=True)
    detail = "Les dossiers se consultent et s’enregistrent."
    return Check("database", "Dossiers et comptes", ok=True, detail=detail, is_vital=True)


def _check_redis() -> Check:
    try:
        client = redis.Redis.from_url(
            settings.REDIS_URL,
            socket_connect_timeout=REDIS_TIMEOUT_SECONDS,
            socket_timeout=REDIS_TIMEOUT_SECONDS,
        )
        with client:
            client.ping()
    except redis.RedisError:
        detail = "Les travaux de fond sont retardés ; rien n’est perdu."
        return Check("redis", "Travaux de fond", ok=False, detail=detail)
    return Check("redis", "Travaux de fond", ok=True, detail="Ils sont pris en charge aussitôt.")


def _check_courriels(*, database_ok: bool) -> Check:
    label = "Envoi des emails"
    if not database_ok:
        detail = "Les emails partiront dès que la base de données répondra."
        return Check("courriels", label, ok=False, detail=detail)
    late = Courriel.objects.due(timezone.now() - LATE_AFTER).count()
    if late:
        detail = f"Emails en retard : {late}. Ils partiront dès que possible."
        return Check("courriels", label, ok=False, detail=detail, value=late)
    detail = "Les emails partent sans retard."
    return Check("courriels", label, ok=True, detail=detail, value=0)


def _check_antivirus() -> Check:
    label = "Analyse des fichiers"
    if not antivirus.is_answering():
        detail = "Les fichiers reçus sont gardés ; ils s’ouvriront une fois analysés."
        return Check("antivirus", label, ok=False, detail=detail)
    return Check("antivirus", label, ok=True, detail="Les fichiers reçus sont analysés aussitôt.")
