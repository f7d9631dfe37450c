"""What the service keeps of a dossier that its usager withdrew."""

from django.db import models
from django.db.models import Q


class Retrait(models.Model):
    """The withdrawal of a dossier en construction: no name, and it outlives the dossier."""

    procedure = models.ForeignKey("procedures.Procedure", models.CASCADE, related_name="retraits")
    # No foreign key: the dossier is erased when it has spent its time in the bin.
    dossier_number = models.BigIntegerField("dossier")
    submitted_at = models.DateTimeField("dépôt")
    withdrawn_at = models.DateTimeField("retrait")
    restored_at = models.DateTimeField("reprise", null=True)

    class Meta:
        verbose_name = "retrait"
        ordering = ["-withdrawn_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier_number"],
                condition=Q(restored_at=None),
                name="retrait_one_at_a_time",
            )
        ]

    def __str__(self):
        return f"retrait du dossier nº {self.dossier_number}"
