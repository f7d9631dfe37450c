"""The labels that accompagnateurs put on the dossiers of a procédure."""

from django.db import models

from procedures.enums import LabelColor

LABEL_NAME_MAX = 30


class Label(models.Model):
    """A word and a colour, for accompagnateurs alone."""

    procedure = models.ForeignKey(
        "procedures.Procedure", models.CASCADE, related_name="labels", db_index=False
    )
    name = models.CharField("nom", max_length=LABEL_NAME_MAX)
    color = models.CharField(
        "couleur", max_length=30, choices=LabelColor, default=LabelColor.BLUE_CUMULUS
    )
    position = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = "label"
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["procedure", "name"],
                name="label_name_once",
                violation_error_message="Un label de cette procédure porte déjà ce nom.",
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def badge(self) -> str:
        """Return the DSFR class of its colour, whose contrast the State vouches for."""
        return f"fr-badge--{self.color}"
