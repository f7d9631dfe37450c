"""What a dossier's page shows of its annotations privées."""

import secrets
from typing import Any

from dossiers import demande, policies
from dossiers.anciennes_reponses import AncienneReponse, anciennes_annotations
from dossiers.annotations import FeuilleAnnotations
from dossiers.forms import ReponsesForm
from dossiers.models import Dossier


def annotations_context(user, dossier: Dossier) -> dict[str, Any] | None:
    """Return the rows and the form of the annotations, None where there are none to make."""
    if not dossier.revision.formulaire.annotations or not policies.can_annotate(user, dossier):
        return None
    feuille = FeuilleAnnotations(dossier)
    return {
        "rows": demande.rows_of(feuille),
        "form": ReponsesForm(feuille),
        "page": secrets.token_hex(8),
    }


def former_annotations(user, dossier: Dossier) -> list[AncienneReponse]:
    """Return what was noted in annotations that left the form, to whoever may read it."""
    found = anciennes_annotations(dossier)
    return found if found and policies.can_annotate(user, dossier) else []
