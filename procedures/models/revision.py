"""The form of a procédure at one time."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property

from procedures.formulaire import Formulaire


class RevisionQuerySet(models.QuerySet):
    """Published and draft revisions."""

    def drafts(self):
        """Return the revisions that are being edited."""
        return self.filter(published_at=None)

    def published(self):
        """Return the frozen revisions."""
        return self.exclude(published_at=None)


class Revision(models.Model):
    """The form of a procédure at one time: a draft that is edited, then frozen for ever."""

    procedure = models.ForeignKey("procedures.Procedure", models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField("numéro")
    document = models.JSONField("formulaire", default=dict)
    # What was deleted or inserted last in the draft, for undo: see `procedures.annulation`.
    deleted_champs = models.JSONField(default=list, blank=True)
    published_at = models.DateTimeField("publication", null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField("création", auto_now_add=True)
    updated_at = models.DateTimeField("dernière modification", auto_now=True)

    objects = RevisionQuerySet.as_manager()

    class Meta:
        verbose_name = "révision"
        constraints = [
            models.UniqueConstraint(fields=["procedure", "number"], name="revision_number_unique"),
            models.UniqueConstraint(
                fields=["procedure"],
                condition=Q(published_at=None),
                name="revision_one_draft_per_procedure",
            ),
        ]

    def __str__(self):
        return f"révision {self.number} de « {self.procedure} »"

    def save(self, *args, **kwargs):
        if self.pk and Revision.objects.filter(pk=self.pk).published().exists():
            raise ValidationError("Une révision publiée ne change plus.")
        super().save(*args, **kwargs)

    @cached_property
    def formulaire(self) -> Formulaire:
        """Return the parsed document; an empty one is an empty form."""
        return Formulaire.model_validate(self.document or {})

    def set_formulaire(self, formulaire: Formulaire) -> None:
        """Replace the document of this draft; the caller saves."""
        self.document = formulaire.model_dump(mode="json")
        self.__dict__["formulaire"] = formulaire

    @property
    def is_published(self) -> bool:
        """Tell whether this revision is frozen."""
        return self.published_at is not None
