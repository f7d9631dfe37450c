"""The invités of a dossier, as its accompagnateurs see them: the usager's, and the service's."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from dossiers import invitations, policies
from dossiers.enums import InviteOrigin
from dossiers.forms_invite import InviteForm
from dossiers.models import Dossier, Invite
from dossiers.views.fetch import not_found_when_deleted
from dossiers.views.invites import ask, send_again
from instruction.listing import Listing, onglet_of
from instruction.views.detail import page_context


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@not_found_when_deleted
def invite_list(request, pk):
    """Show the two kinds of invités apart; a POST asks one more person for the service."""
    dossier = _examined_dossier(request.user, pk)
    may_invite = policies.can_consult(request.user, dossier)
    form = InviteForm(request.POST or None) if may_invite else None
    if request.method != "POST":
        return _page(request, dossier, form)
    if not may_invite:
        raise PermissionDenied
    invited = ask(request, dossier, form, InviteOrigin.ACCOMPAGNATEUR)
    if invited is None:
        return _page(request, dossier, form, status=422)
    messages.success(request, f"L’invitation part à {invited.email}.")
    return redirect(_list_url(request, dossier))


@require_POST
@not_found_when_deleted
def invite_resend(request, pk, invite_pk):
    """Send an invitation of the service again."""
    invited = _invite_of_service(request.user, pk, invite_pk)
    send_again(request, invited)
    return redirect(_list_url(request, invited.dossier))


@require_http_methods(["GET", "HEAD", "POST"])
@not_found_when_deleted
def invite_revoke(request, pk, invite_pk):
    """Ask once, then take an invitation of the service back."""
    invited = _invite_of_service(request.user, pk, invite_pk)
    url = _list_url(request, invited.dossier)
    if request.method == "POST":
        revoked = invitations.revoke(invited.pk, by=request.user)
        messages.success(request, f"{revoked.person} n’a plus accès à ce dossier.")
        return redirect(url)
    context = {"dossier": invited.dossier, "invite": invited, "cancel_url": url}
    return render(request, "instruction/invite_revoke.html", context)


def _examined_dossier(user, pk: int) -> Dossier:
    examined = Dossier.with_tests.examined_by(user)
    return get_object_or_404(
        examined.select_related("usager", "etablissement", "procedure__organisme", "revision"),
        pk=pk,
    )


def _invite_of_service(user, pk: int, invite_pk: int) -> Invite:
    """Return an invitation of the service; 404 for a stranger, 403 for the dossier's usager."""
    dossier = _examined_dossier(user, pk)
    if not policies.can_decide(user, dossier):
        raise PermissionDenied
    return get_object_or_404(dossier.invites.of_service().with_people(), pk=invite_pk)


def _page(request, dossier: Dossier, form, *, status: int = 200):
    invites = list(dossier.invites.with_people())
    context = page_context(request, dossier, "invites") | {
        "form": form,
        "may_manage": policies.can_decide(request.user, dossier),
        "of_service": [invited for invited in invites if not invited.is_of_usager],
        "of_usager": [invited for invited in invites if invited.is_of_usager],
    }
    return render(request, "instruction/invite_list.html", context, status=status)


def _list_url(request, dossier: Dossier) -> str:
    listing = Listing.read(request.GET, default=onglet_of(dossier))
    return reverse("instruction:invite_list", args=[dossier.pk]) + listing.query_string
