"""The dossiers a service invites me to look at: what was filed, nothing of what it decides."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from commun.keyset import paginate
from dossiers import invitations
from dossiers.demande import sections_of
from dossiers.enums import InviteOrigin
from dossiers.models import Dossier, Invite
from instruction.enums import DOSSIERS_PER_PAGE


@never_cache
@require_safe
def dossier_list(request):
    """List the dossiers I was invited to by a service, and the invitations that wait."""
    dossiers = Dossier.objects.consulted_by(request.user).with_people().without_answers()
    page = paginate(dossiers, ["-submitted_at", "-id"], request.GET.get("suite"), DOSSIERS_PER_PAGE)
    waiting = invitations.waiting_invitations(request.user, InviteOrigin.ACCOMPAGNATEUR)
    return render(request, "instruction/avis_list.html", {"page": page, "invitations": waiting})


@never_cache
@require_safe
def dossier_detail(request, pk):
    """Show what was filed: no annotation, message, decision nor brouillon."""
    consulted = Dossier.objects.consulted_by(request.user).select_related(
        "usager", "etablissement", "procedure__organisme", "revision"
    )
    dossier = get_object_or_404(consulted.prefetch_related("pieces_jointes"), pk=pk)
    context = {
        "dossier": dossier,
        "invite": _invite_of(request.user, pk),
        "sections": sections_of(dossier),
        "no_dossier": (),
    }
    return render(request, "instruction/avis_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def dossier_leave(request, pk):
    """Ask once, then leave a dossier."""
    invited = _invite_of(request.user, pk)
    if request.method == "POST":
        invitations.leave(invited.pk, by=request.user)
        messages.success(request, f"Vous avez quitté le dossier nº {pk}.")
        return redirect("avis:dossier_list")
    return render(request, "instruction/avis_leave.html", {"invite": invited})


def _invite_of(user, pk: int) -> Invite:
    mine = Invite.objects.active().of_service().filter(user=user, dossier_id=pk)
    return get_object_or_404(mine.select_related("dossier"))
