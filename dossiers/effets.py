"""What publishing a changed form does to the dossiers of a procédure."""

from django.db.models import Count, Q
from django.urls import reverse

from dossiers.enums import DossierState
from dossiers.models import Dossier
from procedures.effets import Effets
from procedures.models import Procedure


def count_effets(procedure: Procedure) -> Effets:
    """Return how many dossiers a publication touches, in one query."""
    en_construction = Q(state=DossierState.EN_CONSTRUCTION)
    counts = Dossier.objects.for_procedure(procedure).aggregate(
        brouillons=Count("pk", filter=Q(state=DossierState.BROUILLON)),
        en_construction=Count("pk", filter=en_construction),
        to_update=Count(
            "pk", filter=en_construction & ~Q(revision_id=procedure.published_revision_id)
        ),
    )
    return Effets(**counts, update_url=reverse("dossiers:mise_a_niveau", args=[procedure.pk]))
