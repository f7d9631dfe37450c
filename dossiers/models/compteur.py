"""How many submitted dossiers there are of each kind, without counting them."""

from django.db import models

from dossiers.enums import DossierState
from procedures.models import Groupe, Procedure


class Compteur(models.Model):
    """A change in the number of dossiers of one kind; their sum is how many there are.

    Triggers of the database write one for each statement that changes a dossier's kind, and never
    update one: nobody waits for anybody. `dossiers.compteurs` folds them now and then. Tests,
    brouillons and what is in the bin are not counted.
    """

    procedure = models.ForeignKey(Procedure, models.CASCADE, related_name="+", db_index=False)
    groupe = models.ForeignKey(Groupe, models.CASCADE, related_name="+", db_index=False)
    state = models.CharField(max_length=20, choices=DossierState)
    is_archived = models.BooleanField()
    is_followed = models.BooleanField()
    is_awaited = models.BooleanField()
    number = models.BigIntegerField()

    class Meta:
        verbose_name = "compteur"
        indexes = [
            models.Index(
                fields=["procedure", "groupe", "state", "is_archived", "is_followed", "is_awaited"],
                include=["number"],
                name="compteur_kind",
            ),
        ]

    def __str__(self):
        return f"{self.number:+d} {self.state}"
