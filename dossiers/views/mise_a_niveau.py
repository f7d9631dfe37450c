"""The administrateur moves the dossiers en construction to the newest form."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache

from dossiers.mise_a_niveau import ask, concerned
from dossiers.models import MiseANiveau
from procedures.models import Procedure


@never_cache
def mise_a_niveau(request, pk):
    """Show how many dossiers have an older form and how the last move went; a POST moves them."""
    procedure = get_object_or_404(
        Procedure.objects.administered_by(request.user)
        .exclude(published_revision=None)
        .select_related("published_revision"),
        pk=pk,
    )
    if request.method == "POST":
        ask(procedure, by=request.user)
        messages.success(request, "La mise à niveau commence. Vous pouvez quitter cette page.")
        return redirect("dossiers:mise_a_niveau", pk)
    last = MiseANiveau.objects.filter(revision=procedure.published_revision).order_by("-pk").first()
    count = concerned(procedure).count()
    context = {
        "procedure": procedure,
        "last": last,
        "count": count,
        "may_ask": bool(count) and (last is None or last.finished_at is not None),
    }
    if request.htmx:
        return render(request, "dossiers/includes/mise_a_niveau_progress.html", context)
    return render(request, "dossiers/mise_a_niveau.html", context)
