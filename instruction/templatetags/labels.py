"""What the pages of a dossier show of its labels."""

from dataclasses import dataclass

from django import template
from django.db.models import Exists, OuterRef

from dossiers import policies
from dossiers.models import Dossier
from procedures.models import Label

register = template.Library()


@dataclass(frozen=True)
class LabelMenu:
    """The labels of the procédure, each with `is_put`, and whether the person may change them."""

    labels: list[Label]
    can_change: bool

    @property
    def put(self) -> list[Label]:
        """Return the labels of the dossier, in the order of the procédure."""
        return [label for label in self.labels if label.is_put]


@register.simple_tag
def label_menu(dossier: Dossier, user, can_change: bool | None = None) -> LabelMenu:
    """Return the labels that `user` sees on a dossier, in one query.

    Another query tells whether they may change them, unless `can_change` says it.
    """
    through = Dossier.labels.through.objects.filter(dossier_id=dossier.pk, label_id=OuterRef("pk"))
    labels = Label.objects.filter(procedure_id=dossier.procedure_id).annotate(
        is_put=Exists(through)
    )
    if can_change is None:
        can_change = policies.can_annotate(user, dossier)
    return LabelMenu(list(labels), can_change)
