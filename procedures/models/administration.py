"""Who designs a procédure."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef

from accounts.models import Organisme


class AdministrationQuerySet(models.QuerySet):
    """Filters on the administrateurs of procédures."""

    def in_force(self):
        """Return those of people who are still active administrateurs of the organisme.

        An exploitant withdraws a grant on the organisme: the row stays, without effect.
        """
        grants = Organisme.administrateurs.through.objects.filter(
            organisme_id=OuterRef("procedure__organisme_id"), user_id=OuterRef("user_id")
        )
        return self.filter(Exists(grants), user__is_active=True)


class Administration(models.Model):
    """A person's place on the list of the administrateurs of a procédure."""

    procedure = models.ForeignKey(
        "procedures.Procedure", models.CASCADE, related_name="administrations"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="administrations",
        verbose_name="administrateur",
    )
    created_at = models.DateTimeField("ajout", auto_now_add=True)

    objects = AdministrationQuerySet.as_manager()

    class Meta:
        verbose_name = "administrateur de la procédure"
        verbose_name_plural = "administrateurs de la procédure"
        constraints = [
            models.UniqueConstraint(fields=["procedure", "user"], name="administration_unique"),
        ]

    def __str__(self):
        return f"{self.user} sur « {self.procedure} »"

    def clean(self):
        """Refuse who is no administrateur of the organisme: the row would have no effect."""
        if self.user_id is None:
            return
        if not self.procedure.organisme.administrateurs.filter(pk=self.user_id).exists():
            raise ValidationError(
                {"user": f"Cette personne n’est pas administrateur de {self.procedure.organisme}."}
            )
