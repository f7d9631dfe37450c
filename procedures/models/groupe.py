"""The groupes among which the accompagnateurs of a procédure share its dossiers."""

from django.db import models
from django.db.models import Q

from procedures.coordonnees import check_phone

GROUPE_NAME_MAX = 100
DEFAULT_GROUPE_NAME = "Groupe par défaut"


class GroupeQuerySet(models.QuerySet):
    """Which groupes."""

    def default_of(self, procedure_id: int) -> "Groupe":
        """Return the groupe that takes what no rule sends elsewhere: one for each procédure."""
        return self.get(procedure_id=procedure_id, is_default=True)

    def of_member(self, user):
        """Return those of which `user` is."""
        return self.filter(affectations__user_id=user.pk)


class Groupe(models.Model):
    """Some accompagnateurs of a procédure, who see the dossiers of their groupe alone."""

    procedure = models.ForeignKey(
        "procedures.Procedure", models.CASCADE, related_name="groupes", db_index=False
    )
    name = models.CharField("nom", max_length=GROUPE_NAME_MAX)
    is_default = models.BooleanField("groupe par défaut", default=False, editable=False)
    # What sends a dossier there: a `Condition` on champs of the form; None where nothing does.
    rule = models.JSONField("règle", null=True, blank=True)
    # The first rule that holds wins.
    position = models.PositiveIntegerField(default=0, editable=False)
    # Shown to the usager instead of the service's, where they are given.
    contact_email = models.EmailField("adresse email de contact", blank=True)
    contact_phone = models.CharField(
        "téléphone de contact", max_length=40, blank=True, validators=[check_phone]
    )
    contact_address = models.TextField("adresse de contact", blank=True, max_length=500)
    contact_hours = models.TextField("horaires de contact", blank=True, max_length=500)

    objects = GroupeQuerySet.as_manager()

    class Meta:
        verbose_name = "groupe d’accompagnateurs"
        verbose_name_plural = "groupes d’accompagnateurs"
        ordering = ["-is_default", "position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["procedure", "name"],
                name="groupe_name_once",
                violation_error_message="Un groupe de cette procédure porte déjà ce nom.",
            ),
            models.UniqueConstraint(
                fields=["procedure"], condition=Q(is_default=True), name="groupe_one_default"
            ),
            models.CheckConstraint(
                condition=Q(is_default=False) | Q(rule__isnull=True),
                name="groupe_default_has_no_rule",
            ),
        ]

    def __str__(self):
        return self.name
