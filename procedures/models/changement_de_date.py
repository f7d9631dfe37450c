"""What became of the planned dates of a published procédure."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from procedures.enums import DatePrevue


class ChangementDeDate(models.Model):
    """A planned date that changed while usagers could rely on it: append-only."""

    procedure = models.ForeignKey(
        "procedures.Procedure", models.CASCADE, related_name="changements_de_dates", db_index=False
    )
    date = models.CharField("date", max_length=20, choices=DatePrevue)
    before = models.DateTimeField("avant", null=True, blank=True)
    after = models.DateTimeField("après", null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    by_name = models.CharField("nom de l’auteur", max_length=300)
    at = models.DateTimeField("le", default=timezone.now)

    class Meta:
        verbose_name = "changement de date"
        verbose_name_plural = "changements de dates"
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["procedure", "-at"])]

    def __str__(self):
        return f"{self.get_date_display()} de « {self.procedure} »"

    def save(self, *args, **kwargs):
        if not self._state.adding:
            raise ValidationError("L’historique ne se modifie pas.")
        super().save(*args, **kwargs)
