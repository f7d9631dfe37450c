"""What is searched in a dossier by the service alone."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Value
from django.db.models.functions import Concat

from procedures.models import Procedure


class TexteInterne(models.Model):
    """The folded text of the messages and of the annotations privées of a dossier.

    Beside the dossier, whose own search text its usager searches too: see
    `dossiers.textes_internes`, which writes it under the lock of the dossier.
    """

    dossier = models.OneToOneField(
        "dossiers.Dossier", models.CASCADE, primary_key=True, related_name="texte_interne"
    )
    procedure = models.ForeignKey(Procedure, models.CASCADE, related_name="+")
    messages_text = models.TextField(blank=True)
    annotations_text = models.TextField(blank=True)
    search_vector = models.GeneratedField(
        expression=SearchVector(
            Concat(
                "messages_text",
                Value(" "),
                "annotations_text",
                output_field=models.TextField(),
            ),
            config="simple",
        ),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        verbose_name = "texte interne"
        verbose_name_plural = "textes internes"
        indexes = [GinIndex(fields=["search_vector"], name="texte_interne_search")]

    def __str__(self):
        return f"texte interne du dossier nº {self.dossier_id}"
