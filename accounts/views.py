"""The person's own pages: where sign-in leads, and their profile."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.forms import ProfileForm
from accounts.roles import home_of


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
