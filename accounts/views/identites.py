"""The identities linked to one's account."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.identites import identities_of, identity_label, remove_identity
from accounts.oidc.identity import NAMES


@require_http_methods(["GET", "HEAD", "POST"])
def identite_remove(request, pk):
    """Ask, then unlink an identity: it will not open this account any more."""
    identity = get_object_or_404(identities_of(request.user), pk=pk)
    if request.method == "POST":
        remove_identity(identity)
        messages.success(
            request, f"Cette identité {NAMES[identity.provider]} n’ouvre plus votre compte."
        )
        return redirect("account_profile")
    context = {
        "name": NAMES[identity.provider],
        "label": identity_label(identity),
        "is_last_way": not request.user.has_usable_password()
        and identities_of(request.user).count() == 1,
        "identity": identity,
    }
    return render(request, "accounts/identite_remove.html", context)
