"""The emails an administrateur wrote."""

from django.db import models

from procedures.enums import CourrielEvent


class ModeleCourriel(models.Model):
    """The subject and body an administrateur wrote for one event; without a row, the default."""

    procedure = models.ForeignKey(
        "procedures.Procedure", models.CASCADE, related_name="modeles_courriels"
    )
    event = models.CharField("événement", max_length=40, choices=CourrielEvent)
    subject = models.CharField("objet", max_length=200)
    body = models.TextField("message", max_length=20_000)
    updated_at = models.DateTimeField("dernière modification", auto_now=True)

    class Meta:
        verbose_name = "modèle de courriel"
        verbose_name_plural = "modèles de courriel"
        constraints = [
            models.UniqueConstraint(
                fields=["procedure", "event"], name="modele_courriel_one_per_event"
            ),
        ]

    def __str__(self):
        return f"{self.get_event_display()} de « {self.procedure} »"
