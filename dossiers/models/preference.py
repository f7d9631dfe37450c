"""What a person wants to be told of a procédure by email."""

from django.conf import settings
from django.db import models

from dossiers.enums import NouveauxMessages
from procedures.models import Procedure


class PreferenceNotification(models.Model):
    """The emails that a person wants about a procédure; without a row, the defaults hold.

    Of whoever instructs it, or was invited to one of its dossiers by the service.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="preferences", db_index=False
    )
    procedure = models.ForeignKey(Procedure, models.CASCADE, related_name="preferences")
    weekly = models.BooleanField("synthèse de la semaine", default=True)
    daily = models.BooleanField("synthèse du jour", default=False)
    new_dossier = models.BooleanField("chaque nouveau dossier", default=False)
    new_message = models.CharField(
        "nouveaux messages",
        max_length=10,
        choices=NouveauxMessages,
        default=NouveauxMessages.SUIVIS,
    )
    avis_rendu = models.BooleanField("chaque avis rendu", default=True)

    class Meta:
        verbose_name = "préférence de notification"
        verbose_name_plural = "préférences de notification"
        constraints = [
            models.UniqueConstraint(fields=["user", "procedure"], name="preference_once"),
        ]
        indexes = [
            models.Index(fields=["user"], condition=models.Q(daily=True), name="preference_daily"),
        ]

    def __str__(self):
        return f"préférences de {self.user_id} sur la procédure {self.procedure_id}"
