"""What was filed, deposit by deposit, as accompagnateurs read it."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from dossiers.demande import sections_of
from dossiers.models import Dossier
from dossiers.versions import depots_of, read_number, show_version, version_or_404
from instruction.views.detail import page_context


@require_safe
def version_list(request, pk):
    """Show each deposit of a dossier, and what it changed."""
    dossier = _examined_dossier(request.user, pk)
    depots, following = depots_of(dossier, before=read_number(request.GET.get("avant")))
    context = page_context(request, dossier, "versions")
    context |= {"depots": depots, "following": following}
    return render(request, "instruction/version_list.html", context)


@require_safe
def version_detail(request, pk, number):
    """Show a dossier as it was filed then."""
    dossier = _examined_dossier(request.user, pk)
    version = version_or_404(dossier, number)
    shown = show_version(dossier, version)
    context = page_context(request, dossier, "versions")
    context |= {"version": version, "shown": shown, "sections": sections_of(shown)}
    return render(request, "instruction/version_detail.html", context)


def _examined_dossier(user, pk: int) -> Dossier:
    examined = Dossier.with_tests.examined_by(user)
    return get_object_or_404(
        examined.select_related("usager", "etablissement", "procedure__organisme", "revision"),
        pk=pk,
    )
