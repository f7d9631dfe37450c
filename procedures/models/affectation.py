"""Who instructs the dossiers of a procédure."""

from django.conf import settings
from django.db import models


class Affectation(models.Model):
    """An accompagnateur's assignment to a procédure."""

    procedure = models.ForeignKey(
        "procedures.Procedure", models.CASCADE, related_name="affectations"
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="affectations")
    created_at = models.DateTimeField("création", auto_now_add=True)

    class Meta:
        verbose_name = "affectation"
        constraints = [
            models.UniqueConstraint(fields=["procedure", "user"], name="affectation_unique"),
        ]

    def __str__(self):
        return f"{self.user} sur « {self.procedure} »"
