"""The documents given with a decision, for those who read it."""

from django.db.models import Q
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dossiers.models import DecisionFile, Dossier
from dossiers.telechargement import serve, serve_preview


@require_safe
def decision_file_download(request, pk):
    """Give a document to those who may read the decision, always to be saved."""
    return serve(request, _readable_file(request.user, pk))


@require_safe
def decision_file_preview(request, pk):
    """Show the small image of a document to those who may read the decision."""
    return serve_preview(_readable_file(request.user, pk))


@never_cache
@require_safe
def decision_file_state(request, pk):
    """Show again the line of a document that was being scanned."""
    document = _readable_file(request.user, pk)
    context = {"file": document, "in_form": False, "announce": not document.is_changing}
    return render(request, "dossiers/includes/file.html", context)


def _readable_file(user, pk: int) -> DecisionFile:
    """Return a document; one that was taken back, to the service alone."""
    readers = Q(withdrawn_at=None, dossier__in=Dossier.with_tests.followed_by(user))
    service = Q(dossier__in=Dossier.with_tests.examined_by(user))
    return get_object_or_404(DecisionFile.objects.filter(readers | service), pk=pk)
