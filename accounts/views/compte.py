"""The person's own pages: where sign-in leads, the profile, and the door of invited people."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts.forms import InvitationForm, ProfileForm
from accounts.invitations import accept_invitation, read_invitation
from accounts.roles import home_of

_BACKEND = "django.contrib.auth.backends.ModelBackend"


@require_safe
def account_home(request):
    """Lead to the space of the person's most particular role."""
    return redirect(home_of(request.user))


@require_http_methods(["GET", "HEAD", "POST"])
def account_profile(request):
    """Show the account; change the name under which the person is known."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Votre nom est enregistré.")
        return redirect("account_profile")
    return render(request, "accounts/profile.html", {"form": form})


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def account_invitation(request, token):
    """Let an invited person choose a password, then lead them to what they were invited to."""
    invitation = read_invitation(token)
    if invitation is None:
        return _refuse_invitation(request)
    form = InvitationForm(request.POST or None, user=invitation.user)
    if request.method == "POST" and form.is_valid():
        if not accept_invitation(invitation.user, form.cleaned_data["password"]):
            return _refuse_invitation(request)
        login(request, invitation.user, backend=_BACKEND)
        messages.success(request, "Votre compte est ouvert.")
        is_ours = url_has_allowed_host_and_scheme(invitation.next_path, allowed_hosts=None)
        return redirect(invitation.next_path if is_ours else "account_home")
    return render(request, "accounts/invitation.html", {"form": form, "invited": invitation.user})


def _refuse_invitation(request):
    return render(request, "accounts/invitation_refused.html", status=410)
