"""Annotations privées: what accompagnateurs note on a dossier; its usager never sees them."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import QueryDict
from django.utils import timezone

from dossiers import policies
from dossiers.locks import locked_dossier
from dossiers.models import Dossier
from dossiers.reponses import Saved, save_posted
from dossiers.textes_internes import refresh_annotations_text
from procedures.questionnaire import Questionnaire

_CHANGED = ("annotations", "annotations_refusees", "annotations_auteurs", "annotations_changed_at")


class FeuilleAnnotations:
    """The annotations of a dossier, with what a form needs of a dossier.

    Nothing is ever required of an accompagnateur: anything may be missing.
    """

    may_be_incomplete = True

    def __init__(self, dossier: Dossier):
        self.dossier = dossier
        self.pk = dossier.pk
        self.reponses = dossier.annotations
        self.saisies_refusees = dossier.annotations_refusees
        self.auteurs = dossier.annotations_auteurs
        self.conflicts = {}

    @property
    def questionnaire(self) -> Questionnaire:
        """Return the annotations as those given make them."""
        return Questionnaire(self.dossier.revision.formulaire.of_annotations, self.reponses)


def save_annotations(dossier_id: int, data: QueryDict, *, by, champ_ids=None) -> list[Saved]:
    """Merge the posted annotations into the dossier, as `save_reponses` does with answers.

    The date of the usager's last change stays. Raises PermissionDenied, Dossier.DoesNotExist.
    """
    with transaction.atomic():
        dossier = locked_dossier(dossier_id, "procedure", "revision")
        if not policies.can_annotate(by, dossier):
            raise PermissionDenied
        feuille = FeuilleAnnotations(dossier)
        outcomes, changed = save_posted(feuille, data, champ_ids, by)
        if changed:
            dossier.annotations_changed_at = timezone.now()
            dossier.save(update_fields=_CHANGED)
            refresh_annotations_text(dossier, feuille.questionnaire)
    return outcomes
