"""A dossier as a PDF, for its usager and who they invited."""

from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe
from django_ratelimit.decorators import ratelimit

from commun.pdf import pdf_response
from dossiers.adaptation import adapt_reponses
from dossiers.models import Dossier
from dossiers.recapitulatif import RATE, RATE_GROUP, make_recapitulatif, recapitulatif_filename


@require_safe
@ratelimit(group=RATE_GROUP, key="user", rate=RATE)
def dossier_recapitulatif(request, pk):
    """Give a dossier, a brouillon too, as its usager may see it."""
    dossier = get_object_or_404(Dossier.with_tests.filled_in_by(request.user).with_detail(), pk=pk)
    adapt_reponses(dossier)
    content = make_recapitulatif(dossier, is_public=True)
    return pdf_response(content, recapitulatif_filename(dossier))
