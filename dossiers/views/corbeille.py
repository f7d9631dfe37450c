"""Deleting a dossier, taking it back, keeping a brouillon longer."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from commun.keyset import paginate
from dossiers import corbeille, policies
from dossiers.enums import CORBEILLE_DAYS
from dossiers.expiration import day, prolong
from dossiers.models import Dossier
from dossiers.views.fetch import fillable_dossier, not_found_when_deleted, shared_dossier
from dossiers.workflow import TransitionRefused

PAGE_SIZE = 20


@never_cache
@require_safe
def corbeille_list(request):
    """List what I may still take back."""
    thrown = Dossier.with_trash.in_corbeille_of(request.user)
    page = paginate(
        thrown.with_people().without_answers(), ["-pk"], request.GET.get("suite"), PAGE_SIZE
    )
    context = {
        "page": page,
        "rows": [(dossier, corbeille.erased_at(dossier)) for dossier in page],
        "total": thrown.count(),
        "days": CORBEILLE_DAYS,
    }
    return render(request, "dossiers/corbeille_list.html", context)


@require_POST
def dossier_restore(request, pk):
    """Take a dossier back from my bin."""
    try:
        dossier = corbeille.restore(pk, by=request.user)
    except Dossier.DoesNotExist:
        raise Http404 from None
    messages.success(request, f"Le dossier nº {pk} est de nouveau dans vos dossiers.")
    return redirect(dossier)


@not_found_when_deleted
def dossier_delete(request, pk):
    """Ask once, saying what will happen, then put the dossier in the bin."""
    dossier = shared_dossier(request.user, pk)
    if request.method != "POST":
        if not policies.can_delete(request.user, dossier):
            raise PermissionDenied
        return render(request, "dossiers/dossier_delete.html", {"dossier": dossier})
    try:
        deleted = corbeille.delete(pk, by=request.user)
    except TransitionRefused as refusal:
        messages.error(request, str(refusal))
        return redirect(dossier)
    messages.success(request, _done(deleted))
    return redirect("dossiers:dossier_list")


@require_POST
@not_found_when_deleted
def brouillon_prolong(request, pk):
    """Give a brouillon its whole lifetime again."""
    fillable_dossier(request.user, pk)
    dossier = prolong(pk, by=request.user)
    messages.success(
        request, f"Ce brouillon est prolongé : il sera gardé jusqu’au {day(dossier.expires_at)}."
    )
    return redirect("dossiers:dossier_edit", pk)


def _done(dossier: Dossier) -> str:
    if dossier.is_test:
        return f"L’essai nº {dossier.pk} est effacé."
    until = f"vous pouvez l’y reprendre jusqu’au {day(corbeille.erased_at(dossier))}."
    if dossier.is_brouillon:
        return f"Le brouillon nº {dossier.pk} est dans la corbeille : {until}"
    if dossier.is_termine:
        return f"Le dossier nº {dossier.pk} a quitté votre liste pour la corbeille : {until}"
    return f"Le dossier nº {dossier.pk} est retiré et mis à la corbeille : {until}"
