"""What is left of a dossier whose time is over."""

from django.db import models

from dossiers.enums import DossierState


class Suppression(models.Model):
    """The erasure of a terminé at the end of its conservation: no name, no answer."""

    procedure = models.ForeignKey(
        "procedures.Procedure", models.CASCADE, related_name="suppressions", db_index=False
    )
    groupe = models.ForeignKey(
        "procedures.Groupe", models.SET_NULL, null=True, related_name="+", db_index=False
    )
    # No foreign key: the dossier is gone.
    dossier_number = models.BigIntegerField("dossier", unique=True)
    state = models.CharField("décision", max_length=20, choices=DossierState)
    submitted_at = models.DateTimeField("dépôt")
    decided_at = models.DateTimeField("décision")
    erased_at = models.DateTimeField("suppression")

    class Meta:
        verbose_name = "suppression"
        ordering = ["-erased_at", "-pk"]
        indexes = [models.Index(fields=["procedure", "-erased_at", "-id"])]

    def __str__(self):
        return f"suppression du dossier nº {self.dossier_number}"
