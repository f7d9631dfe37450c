"""The step that follows a procédure."""

from django.db import models
from django.db.models import F, Q

from procedures.enums import MomentEnchainement

ENCHAINEMENT_TEXT_MAX = 500


class Enchainement(models.Model):
    """What an usager of `source` is offered next: `target`, with some of their answers."""

    source = models.OneToOneField(
        "procedures.Procedure", models.CASCADE, related_name="enchainement", primary_key=True
    )
    target = models.ForeignKey(
        "procedures.Procedure",
        models.CASCADE,
        related_name="enchainements_entrants",
        verbose_name="procédure suivante",
    )
    moment = models.CharField("moment", max_length=20, choices=MomentEnchainement)
    # The champ of the target, by id, and the champ of the source whose answer it takes.
    mapping = models.JSONField("réponses reprises", default=dict, blank=True)
    text = models.TextField("texte", blank=True, max_length=ENCHAINEMENT_TEXT_MAX)

    class Meta:
        verbose_name = "enchaînement"
        verbose_name_plural = "enchaînements"
        constraints = [
            models.CheckConstraint(
                condition=~Q(source=F("target")), name="enchainement_leads_elsewhere"
            )
        ]

    def __str__(self):
        return f"{self.source} → {self.target}"
