"""Who follows a dossier."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class Suivi(models.Model):
    """An accompagnateur who follows a dossier, by themselves or because a colleague asked.

    The database counts them in `Dossier.followers_count`.
    """

    # `db_index=False`: the constraint and the index below begin with these columns.
    dossier = models.ForeignKey(
        "dossiers.Dossier", models.CASCADE, related_name="suivis", db_index=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="suivis", db_index=False
    )
    # Who gave it to them; None for whoever chose to follow.
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField("début du suivi", default=timezone.now)

    class Meta:
        verbose_name = "suivi"
        ordering = ["created_at", "id"]
        indexes = [models.Index(fields=["user", "dossier"], name="suivi_of_user")]
        constraints = [
            models.UniqueConstraint(fields=["dossier", "user"], name="suivi_once"),
        ]

    def __str__(self):
        return f"{self.user} suit le dossier nº {self.dossier_id}"
