"""What of a dossier was answered in advance."""

from django.db import models


class Preremplissage(models.Model):
    """The answers that a link, or the dossier before, gave to a brouillon when it began.

    It holds no answer: the ids of the champs that were answered, the labels of those whose
    answer did not fit, and the mark of the link.
    """

    dossier = models.OneToOneField(
        "dossiers.Dossier", models.CASCADE, related_name="preremplissage", primary_key=True
    )
    digest = models.CharField("empreinte du lien", max_length=64, blank=True)
    champ_ids = models.JSONField("champs remplis d’avance", default=list)
    refused = models.JSONField("réponses écartées", default=list)
    ignored = models.PositiveIntegerField("paramètres ignorés", default=0)

    class Meta:
        verbose_name = "préremplissage"
        verbose_name_plural = "préremplissages"

    def __str__(self):
        return f"préremplissage du {self.dossier}"
