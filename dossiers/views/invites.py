"""The invités of a dossier: its usager asks them, they leave; and the page where one accepts."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from django_ratelimit.core import is_ratelimited

from commun.limits import limit_visitors
from dossiers import invitations, policies
from dossiers.enums import InviteOrigin
from dossiers.forms_invite import InviteRoleForm, UsagerInviteForm
from dossiers.models import Dossier, Invite
from dossiers.views.fetch import not_found_when_deleted, shared_dossier

RATE = "20/h"
RATE_GROUP = "invitations"
TOO_MANY = "Vous avez envoyé beaucoup d’invitations. Attendez une heure."


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@not_found_when_deleted
def invite_list(request, pk):
    """Show the invités to the usager, who asks one more by a POST; show an invité their place."""
    dossier = shared_dossier(request.user, pk)
    if not policies.can_invite(request.user, dossier):
        if request.method == "POST":
            raise PermissionDenied
        return _invite_page(request, dossier)
    form = UsagerInviteForm(request.POST or None)
    if request.method != "POST":
        return _list_page(request, dossier, form)
    invited = ask(request, dossier, form, InviteOrigin.USAGER)
    if invited is None:
        return _list_page(request, dossier, form, status=422)
    messages.success(request, f"L’invitation part à {invited.email}.")
    return redirect("dossiers:invite_list", pk)


def ask(request, dossier: Dossier, form, origin: InviteOrigin) -> Invite | None:
    """Invite the person that a posted form names; None when the form says why not."""
    if not form.is_valid():
        return None
    if not may_send(request):
        form.add_error("email", TOO_MANY)
        return None
    try:
        return invitations.invite(dossier.pk, by=request.user, origin=origin, **form.cleaned_data)
    except ValidationError as refusal:
        form.add_error("email", refusal)
    return None


def may_send(request) -> bool:
    """Count one more email; tell whether the account did not send too many."""
    return not is_ratelimited(
        request, group=RATE_GROUP, key="user", rate=RATE, method="POST", increment=True
    )


@require_POST
@not_found_when_deleted
def invite_resend(request, pk, invite_pk):
    """Send an invitation again."""
    invited = _own_invite(request.user, pk, invite_pk)
    send_again(request, invited)
    return redirect("dossiers:invite_list", pk)


def send_again(request, invited: Invite) -> None:
    """Send an invitation again, or say why not."""
    if not may_send(request):
        messages.error(request, TOO_MANY)
        return
    try:
        invitations.resend(invited.pk, by=request.user)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, f"L’invitation repart à {invited.email}.")


@require_POST
@not_found_when_deleted
def invite_change_role(request, pk, invite_pk):
    """Give another right to an invité."""
    invited = _own_invite(request.user, pk, invite_pk)
    form = InviteRoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(form.errors["role"]))
        return redirect("dossiers:invite_list", pk)
    try:
        changed = invitations.change_role(invited.pk, form.cleaned_data["role"], by=request.user)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        label = changed.get_role_display().lower()
        messages.success(request, f"{changed.person} a désormais ce droit : {label}.")
    return redirect("dossiers:invite_list", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@not_found_when_deleted
def invite_revoke(request, pk, invite_pk):
    """Ask once, then take an invitation back."""
    invited = _own_invite(request.user, pk, invite_pk)
    if request.method == "POST":
        revoked = invitations.revoke(invited.pk, by=request.user)
        messages.success(request, f"{revoked.person} n’a plus accès à ce dossier.")
        return redirect("dossiers:invite_list", pk)
    context = {"dossier": invited.dossier, "invite": invited, "tab": "invites"}
    return render(request, "dossiers/invite_revoke.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@not_found_when_deleted
def invite_leave(request, pk):
    """Ask once, then let an invité go."""
    mine = Invite.objects.active().of_usager().filter(user=request.user, dossier_id=pk)
    invited = get_object_or_404(mine.select_related("dossier__procedure__organisme"))
    if request.method == "POST":
        invitations.leave(invited.pk, by=request.user)
        messages.success(request, f"Vous avez quitté le dossier nº {pk}.")
        return redirect("dossiers:dossier_list")
    context = {"dossier": invited.dossier, "invite": invited, "tab": "invites"}
    return render(request, "dossiers/invite_leave.html", context)


@login_not_required
@never_cache
@limit_visitors()
@require_http_methods(["GET", "HEAD", "POST"])
def invite_accept(request, token):
    """Say who invites to what; the person invited, signed in, accepts by a POST."""
    invited = invitations.read_token(token)
    if invited is None:
        return render(request, "dossiers/invite_ended.html", {"reason": ""}, status=404)
    if not request.user.is_authenticated:
        return _accept_page(request, invited, "anonymous")
    if not invitations.is_for(request.user, invited):
        return _accept_page(request, invited, "other", status=403)
    if request.method == "POST":
        return _accept(request, invited)
    if invited.is_live and invited.accepted_at and invited.user_id == request.user.pk:
        return redirect(invitations.home_path(invited))
    reason = invitations.ended_reason(invited)
    if reason:
        return render(request, "dossiers/invite_ended.html", {"reason": reason}, status=410)
    return _accept_page(request, invited, "invited")


def _accept(request, invited: Invite):
    try:
        accepted = invitations.accept(invited.pk, by=request.user)
    except (Invite.DoesNotExist, Dossier.DoesNotExist):
        raise Http404 from None
    except invitations.InviteEnded as refusal:
        context = {"reason": str(refusal)}
        return render(request, "dossiers/invite_ended.html", context, status=410)
    messages.success(request, f"Le dossier nº {accepted.dossier_id} vous est ouvert.")
    return redirect(invitations.home_path(accepted))


def _accept_page(request, invited: Invite, reader: str, *, status: int = 200):
    context = {"invite": invited, "reader": reader}
    return render(request, "dossiers/invite_accept.html", context, status=status)


def _own_invite(user, pk: int, invite_pk: int) -> Invite:
    """Return an invitation of the usager `user`; 404 for a stranger, 403 for an invité."""
    dossier = shared_dossier(user, pk)
    if not policies.can_invite(user, dossier):
        raise PermissionDenied
    return get_object_or_404(dossier.invites.of_usager().with_people(), pk=invite_pk)


def _list_page(request, dossier: Dossier, form, *, status: int = 200):
    context = {
        "dossier": dossier,
        "tab": "invites",
        "form": form,
        "invites": list(dossier.invites.of_usager().with_people()),
        "role_choices": InviteRoleForm().fields["role"].choices,
    }
    return render(request, "dossiers/invite_list.html", context, status=status)


def _invite_page(request, dossier: Dossier):
    mine = dossier.invites.active().of_usager().filter(user=request.user)
    context = {
        "dossier": dossier,
        "tab": "invites",
        "invite": mine.first(),
        "can_edit": policies.can_edit(request.user, dossier),
    }
    return render(request, "dossiers/invite_mine.html", context)
