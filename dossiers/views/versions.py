"""What was filed, deposit by deposit, as its usager reads it, and who they invited."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dossiers.demande import sections_of
from dossiers.models import Dossier
from dossiers.versions import depots_of, read_number, show_version, version_or_404


@never_cache
@require_safe
def version_list(request, pk):
    """Show each deposit of my dossier, and what it changed."""
    dossier = _filed_dossier(request.user, pk)
    depots, following = depots_of(dossier, before=read_number(request.GET.get("avant")))
    context = {"dossier": dossier, "tab": "versions", "depots": depots, "following": following}
    return render(request, "dossiers/version_list.html", context)


@never_cache
@require_safe
def version_detail(request, pk, number):
    """Show my dossier as it was filed then."""
    dossier = _filed_dossier(request.user, pk)
    version = version_or_404(dossier, number)
    shown = show_version(dossier, version)
    context = {
        "dossier": dossier,
        "tab": "versions",
        "version": version,
        "shown": shown,
        "sections": sections_of(shown),
    }
    return render(request, "dossiers/version_detail.html", context)


def _filed_dossier(user, pk: int) -> Dossier:
    shared = Dossier.with_tests.filled_in_by(user).soumis()
    return get_object_or_404(
        shared.select_related("usager", "etablissement", "procedure__organisme", "revision"), pk=pk
    )
