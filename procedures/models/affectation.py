"""Who instructs the dossiers of a procédure."""

from django.conf import settings
from django.db import models

from procedures.models.groupe import Groupe


class Affectation(models.Model):
    """An accompagnateur's place in a groupe of a procédure; one may be in several."""

    procedure = models.ForeignKey(
        "procedures.Procedure", models.CASCADE, related_name="affectations"
    )
    # `db_index=False`: the constraint below begins with this column.
    groupe = models.ForeignKey(Groupe, models.CASCADE, related_name="affectations", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="affectations")
    created_at = models.DateTimeField("création", auto_now_add=True)

    class Meta:
        verbose_name = "affectation"
        constraints = [
            models.UniqueConstraint(fields=["groupe", "user"], name="affectation_unique"),
        ]

    def __str__(self):
        return f"{self.user} sur « {self.procedure} »"

    def save(self, *args, **kwargs):
        if self.groupe_id is None:
            self.groupe = Groupe.objects.default_of(self.procedure_id)
        super().save(*args, **kwargs)
