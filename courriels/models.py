"""The outbox: one row for each email, written in the transaction of what caused it."""

import uuid
from datetime import datetime
from email.utils import parseaddr

from django.conf import settings
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils import timezone

from courriels.enums import REQUEUE_AFTER, CourrielState


class CourrielQuerySet(models.QuerySet):
    """Filters on emails."""

    def en_attente(self):
        """Keep those still to be sent."""
        return self.filter(state=CourrielState.EN_ATTENTE)

    def envoyes(self):
        """Keep those the provider accepted."""
        return self.filter(state=CourrielState.ENVOYE)

    def en_echec(self):
        """Keep those that were given up."""
        return self.filter(state=CourrielState.ECHEC)

    def due(self, now: datetime):
        """Keep those that may be attempted at `now`."""
        return self.en_attente().filter(next_attempt_at__lte=now)

    def left_behind(self, now: datetime):
        """Keep those due at `now` that no task is expected to send any more."""
        return self.due(now).filter(
            Q(queued_at__isnull=True) | Q(queued_at__lte=now - REQUEUE_AFTER)
        )

    def for_reference(self, reference: str):
        """Keep those about one thing of an upper app, such as `dossier:12`."""
        return self.filter(reference=reference)


class Courriel(models.Model):
    """An email to one person: what it says, and what became of it."""

    uuid = models.UUIDField("identifiant", default=uuid.uuid4, unique=True, editable=False)
    kind = models.SlugField("type", max_length=50, db_index=False)
    to_email = models.EmailField("destinataire")
    subject = models.CharField("objet", max_length=250)
    body_text = models.TextField("texte", blank=True)
    body_html = models.TextField("HTML", blank=True)
    reference = models.CharField("référence", max_length=100, blank=True)
    key = models.CharField("clef d’unicité", max_length=150, unique=True, null=True, blank=True)
    # Where its reader says « no more » at one click (RFC 8058); empty for what cannot be refused.
    unsubscribe_url = models.CharField("désabonnement", max_length=500, blank=True)
    message_id = models.CharField("Message-ID", max_length=320, blank=True)
    state = models.CharField(
        "état", max_length=10, choices=CourrielState, default=CourrielState.EN_ATTENTE
    )
    attempts = models.PositiveSmallIntegerField("tentatives", default=0)
    next_attempt_at = models.DateTimeField("prochaine tentative", default=timezone.now)
    queued_at = models.DateTimeField("confié à la file", null=True, blank=True)
    created_at = models.DateTimeField("création", default=timezone.now)
    sent_at = models.DateTimeField("envoi", null=True, blank=True)
    last_error = models.TextField("dernière erreur", blank=True)

    objects = CourrielQuerySet.as_manager()

    class Meta:
        verbose_name = "courriel"
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(state=CourrielState.EN_ATTENTE),
                name="courriel_due",
            ),
            models.Index(
                fields=["-id"], condition=Q(state=CourrielState.ECHEC), name="courriel_echec"
            ),
            models.Index(fields=["reference", "created_at"], name="courriel_reference"),
            models.Index(OpClass(Upper("to_email"), "text_pattern_ops"), name="courriel_to_prefix"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=CourrielState.ENVOYE, sent_at__isnull=False)
                | (~Q(state=CourrielState.ENVOYE) & Q(sent_at__isnull=True)),
                name="courriel_sent_at_iff_envoye",
            ),
            models.CheckConstraint(
                condition=Q(state__in=CourrielState.values), name="courriel_state_known"
            ),
            models.CheckConstraint(
                condition=Q(key__isnull=True) | ~Q(key=""), name="courriel_key_not_blank"
            ),
            models.CheckConstraint(
                condition=~Q(subject="") & ~Q(subject__regex=r"[\r\n]"),
                name="courriel_subject_is_one_line",
            ),
        ]

    def __str__(self):
        return f"{self.subject} → {self.to_email}"

    def save(self, *args, **kwargs):
        if not self.message_id:
            self.message_id = f"<{self.uuid}@{sender_domain()}>"
        super().save(*args, **kwargs)

    @property
    def is_envoye(self) -> bool:
        """Say whether the provider accepted it."""
        return self.state == CourrielState.ENVOYE


class DemoMessage(models.Model):
    """An email as it left, kept by the inbox of the demo."""

    from_email = models.CharField("expéditeur", max_length=500)
    to = models.TextField("destinataires")
    subject = models.TextField("objet", blank=True)
    text = models.TextField("texte", blank=True)
    html = models.TextField("HTML", blank=True)
    headers = models.JSONField("en-têtes", default=dict)
    received_at = models.DateTimeField("réception", default=timezone.now)

    class Meta:
        verbose_name = "message de démonstration"
        verbose_name_plural = "messages de démonstration"

    def __str__(self):
        return f"{self.subject} → {self.to}"

    def get_absolute_url(self):
        return reverse("courriels:demo_detail", kwargs={"pk": self.pk})


def sender_domain() -> str:
    """Return the domain of the address that sends."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
