"""What the service keeps of a dossier that its usager withdrew."""

from django.db import models
from django.db.models import Exists, OuterRef, Q

from procedures.models import Affectation


class RetraitQuerySet(models.QuerySet):
    """Which withdrawals."""

    def seen_by(self, user):
        """Return those of the groupes of `user` that were not taken back."""
        mine = Affectation.objects.filter(user_id=user.pk)
        in_groupe = mine.filter(groupe_id=OuterRef("groupe_id"))
        in_procedure = mine.filter(procedure_id=OuterRef("procedure_id"))
        return self.filter(
            Exists(in_groupe) | (Q(groupe=None) & Exists(in_procedure)), restored_at=None
        )


class Retrait(models.Model):
    """The withdrawal of a dossier en construction: no name, and it outlives the dossier."""

    procedure = models.ForeignKey("procedures.Procedure", models.CASCADE, related_name="retraits")
    # Whose dossier it was; None once that groupe is deleted: each accompagnateur then sees it.
    groupe = models.ForeignKey(
        "procedures.Groupe", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # No foreign key: the dossier is erased when it has spent its time in the bin.
    dossier_number = models.BigIntegerField("dossier")
    submitted_at = models.DateTimeField("dépôt")
    withdrawn_at = models.DateTimeField("retrait")
    restored_at = models.DateTimeField("reprise", null=True)

    objects = RetraitQuerySet.as_manager()

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
