"""A dossier as a ZIP, for its usager and who they invited."""

from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe
from django_ratelimit.decorators import ratelimit

from dossiers.adaptation import adapt_reponses
from dossiers.archives import RATE, RATE_GROUP, zip_filename, zip_of
from dossiers.documents_decision import files_for_archive
from dossiers.models import Dossier
from dossiers.telechargement import HEADERS


@require_safe
@ratelimit(group=RATE_GROUP, key="user", rate=RATE)
def dossier_zip(request, pk):
    """Give a dossier with its files, a brouillon too, as its usager may see it."""
    dossier = get_object_or_404(Dossier.with_tests.filled_in_by(request.user).with_detail(), pk=pk)
    adapt_reponses(dossier)
    others = files_for_archive(dossier, with_withdrawn=False)
    return zip_response(dossier, is_public=True, others=others)


def zip_response(dossier: Dossier, *, is_public: bool, others=()) -> StreamingHttpResponse:
    """Return the archive of a dossier, sent while it is written; `others` as in `zip_of`."""
    name = zip_filename(dossier)
    return StreamingHttpResponse(
        zip_of(dossier, is_public=is_public, others=others),
        content_type="application/zip",
        headers=HEADERS | {"Content-Disposition": f'attachment; filename="{name}"'},
    )
