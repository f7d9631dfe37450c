"""States and delays of what leaves."""

from datetime import timedelta

from django.db import models


class CourrielState(models.TextChoices):
    EN_ATTENTE = "en_attente", "En attente"
    ENVOYE = "envoye", "Envoyé"
    ECHEC = "echec", "Échec"


# Waits after the first, second… refusal of the provider; after the last one, about three days
# after the first attempt, the email is given up.
RETRY_DELAYS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=12),
    timedelta(hours=24),
    timedelta(hours=24),
)
# An email given to the queue this long ago and still there is given to it again.
REQUEUE_AFTER = timedelta(minutes=2)
SWEEP_BATCH_SIZE = 500
