"""A dossier as a ZIP, for those who instruct it."""

from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe
from django_ratelimit.decorators import ratelimit

from dossiers.adaptation import adapt_reponses
from dossiers.archives import RATE, RATE_GROUP
from dossiers.documents_decision import files_for_archive
from dossiers.models import Dossier
from dossiers.views.zip_dossier import zip_response
from instruction.avis import files_of_avis


@require_safe
@ratelimit(group=RATE_GROUP, key="user", rate=RATE)
def dossier_zip(request, pk):
    """Give a submitted dossier, its files, those of its avis, all that is known of who applies."""
    dossier = get_object_or_404(Dossier.with_tests.examined_by(request.user).with_detail(), pk=pk)
    adapt_reponses(dossier)
    others = files_for_archive(dossier, with_withdrawn=True) + files_of_avis(request.user, dossier)
    return zip_response(dossier, is_public=dossier.is_test, others=others)
