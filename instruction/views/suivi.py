"""Following a dossier, giving it to colleagues, no longer waiting for its usager."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from django_ratelimit.core import is_ratelimited

from dossiers import messagerie, policies, suivis
from dossiers.models import Dossier
from dossiers.views.fetch import not_found_when_deleted
from instruction import equipe
from instruction.forms_equipe import AssignForm
from instruction.listing import Listing, onglet_of
from instruction.views.actions import decidable_dossier
from instruction.views.detail import dossier_url, page_context
from instruction.views.retraits import say_withdrawn

ASSIGN_RATE = "60/h"
TOO_MANY = "Vous avez confié beaucoup de dossiers à la suite. Patientez, puis recommencez."


@require_POST
@say_withdrawn
@not_found_when_deleted
def dossier_follow(request, pk):
    """Follow a dossier."""
    dossier = _real_dossier(request.user, pk)
    suivis.follow(dossier, by=request.user)
    messages.success(request, f"Vous suivez le dossier nº {pk} : vous verrez ce qui y change.")
    return redirect(_dossier_url(request, dossier))


@require_POST
@say_withdrawn
@not_found_when_deleted
def dossier_unfollow(request, pk):
    """Follow a dossier no more."""
    dossier = _real_dossier(request.user, pk)
    suivis.unfollow(dossier, user=request.user)
    messages.success(request, f"Vous ne suivez plus le dossier nº {pk}.")
    return redirect(_dossier_url(request, dossier))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@say_withdrawn
@not_found_when_deleted
def follower_list(request, pk):
    """Show who follows a dossier; a POST gives it to colleagues."""
    dossier = _real_dossier(request.user, pk)
    form = AssignForm(
        request.POST if request.method == "POST" else None, colleagues=equipe.colleagues_of(dossier)
    )
    if request.method != "POST":
        return _page(request, dossier, form)
    if not form.is_valid():
        return _page(request, dossier, form, status=422)
    if is_ratelimited(request, group="confier", key="user", rate=ASSIGN_RATE, increment=True):
        form.add_error(None, TOO_MANY)
        return _page(request, dossier, form, status=429)
    given = equipe.assign(pk, form.cleaned_data["colleagues"], by=request.user)
    if given:
        names = ", ".join(str(user) for user in given)
        messages.success(request, f"Le dossier nº {pk} est confié à {names}, qu’un email prévient.")
    return redirect(_list_url(request, dossier))


@require_http_methods(["GET", "HEAD", "POST"])
@say_withdrawn
@not_found_when_deleted
def follower_remove(request, pk, user_pk):
    """Ask once, then let a colleague follow a dossier no more."""
    dossier = _real_dossier(request.user, pk)
    suivi = get_object_or_404(dossier.suivis.select_related("user"), user_id=user_pk)
    url = _list_url(request, dossier)
    if request.method == "POST":
        equipe.take_off(pk, suivi.user, by=request.user)
        messages.success(request, f"{suivi.user} ne suit plus ce dossier.")
        return redirect(url)
    context = {"dossier": dossier, "suivi": suivi, "cancel_url": url}
    return render(request, "instruction/follower_remove.html", context)


@require_POST
@say_withdrawn
@not_found_when_deleted
def answer_wait_stop(request, pk):
    """Wait no longer for the answer of the usager."""
    dossier = decidable_dossier(request.user, pk)
    if messagerie.stop_waiting(pk, by=request.user):
        messages.success(request, "La réponse de l’usager n’est plus attendue.")
    return redirect(_dossier_url(request, dossier))


def _real_dossier(user, pk: int) -> Dossier:
    """Return a dossier that `user` may decide; nobody follows a test."""
    dossier = decidable_dossier(user, pk)
    if dossier.is_test:
        raise PermissionDenied
    return dossier


def _page(request, dossier: Dossier, form: AssignForm, *, status: int = 200):
    context = page_context(request, dossier, "suivi") | {
        "form": form,
        "has_colleagues": bool(form.fields["colleagues"].choices),
        "following": dossier.suivis.select_related("user", "assigned_by"),
        "may_manage": policies.can_decide(request.user, dossier),
    }
    return render(request, "instruction/follower_list.html", context, status=status)


def _dossier_url(request, dossier: Dossier) -> str:
    return dossier_url(dossier, Listing.read(request.GET, default=onglet_of(dossier)))


def _list_url(request, dossier: Dossier) -> str:
    listing = Listing.read(request.GET, default=onglet_of(dossier))
    return reverse("instruction:follower_list", args=[dossier.pk]) + listing.query_string
