"""The avis of a dossier, as those who instruct it ask for them and read them."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from dossiers import policies
from dossiers.models import Dossier
from dossiers.views.fetch import not_found_when_deleted
from instruction import avis as avis_of
from instruction import visites
from instruction.avis_forms import AvisAnswerForm, AvisAskForm
from instruction.listing import Listing, onglet_of
from instruction.models import Avis
from instruction.views.avis_answers import TOO_MANY, answered, may_write
from instruction.views.detail import page_context


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@not_found_when_deleted
def avis_list(request, pk):
    """Show what was asked and answered, the invités of both kinds; a POST asks for an avis."""
    dossier = _decidable_dossier(request.user, pk)
    may_ask = policies.can_consult(request.user, dossier)
    if request.method != "POST":
        return _page(request, dossier, AvisAskForm() if may_ask else None)
    if not may_ask:
        raise PermissionDenied
    form = AvisAskForm(request.POST, request.FILES)
    asked = _ask(request, dossier, form)
    if not asked:
        return _page(request, dossier, form, status=422)
    people = ", ".join(avis.person for avis in asked)
    messages.success(request, f"La demande d’avis part à {people}.")
    return redirect(_list_url(request, dossier))


@require_POST
@not_found_when_deleted
def avis_remind(request, pk, avis_pk):
    """Write again to who was asked."""
    avis = _avis(request.user, pk, avis_pk)
    try:
        avis_of.remind(avis.pk, by=request.user)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, f"La relance part à {avis.person}.")
    return redirect(_list_url(request, avis.dossier))


@require_http_methods(["GET", "HEAD", "POST"])
@not_found_when_deleted
def avis_revoke(request, pk, avis_pk):
    """Ask once, then take back what was asked."""
    avis = _avis(request.user, pk, avis_pk)
    url = _list_url(request, avis.dossier)
    if request.method == "POST":
        avis_of.revoke(avis.pk, by=request.user)
        messages.success(request, f"La demande faite à {avis.person} est révoquée.")
        return redirect(url)
    context = {"dossier": avis.dossier, "avis": avis, "cancel_url": url}
    return render(request, "instruction/avis_revoke.html", context)


@require_POST
@not_found_when_deleted
def avis_answer(request, pk, avis_pk):
    """Let a colleague who was asked give their avis."""
    dossier = _decidable_dossier(request.user, pk)
    mine = Avis.objects.asked_of(request.user).filter(dossier=dossier, invite=None)
    avis = get_object_or_404(mine.with_people().prefetch_related("files"), pk=avis_pk)
    form = AvisAnswerForm(avis, request.POST, request.FILES)
    if not answered(request, avis, form):
        may_ask = policies.can_consult(request.user, dossier)
        return _page(
            request, dossier, AvisAskForm() if may_ask else None, bound=form, of=avis, status=422
        )
    return redirect(_list_url(request, dossier))


def _ask(request, dossier: Dossier, form: AvisAskForm) -> list[Avis]:
    """Ask what was posted; an empty list, and the reason in the form, when it cannot be."""
    if not form.is_valid():
        return []
    if not all(may_write(request) for _email in form.cleaned_data["emails"]):
        form.add_error("emails", TOO_MANY)
        return []
    try:
        return avis_of.ask(dossier.pk, form.cleaned_data["emails"], by=request.user, **form.asked)
    except ValidationError as refusal:
        of_files = refusal.error_list[0].code == "file"
        form.add_error("files" if of_files else "emails", refusal)
    return []


def _decidable_dossier(user, pk: int) -> Dossier:
    """Return a dossier that `user` instructs; 404 for a stranger, 403 for its own usager."""
    examined = Dossier.objects.examined_by(user).select_related(
        "usager", "etablissement", "procedure__organisme", "revision"
    )
    dossier = get_object_or_404(examined, pk=pk)
    if not policies.can_decide(user, dossier):
        raise PermissionDenied
    return dossier


def _avis(user, pk: int, avis_pk: int) -> Avis:
    dossier = _decidable_dossier(user, pk)
    avis = get_object_or_404(dossier.avis.with_people(), pk=avis_pk)
    avis.dossier = dossier
    return avis


def _page(request, dossier: Dossier, form, *, bound=None, of=None, status: int = 200):
    asked = list(
        dossier.avis.with_people().prefetch_related("files").order_by("-created_at", "-pk")
    )
    for avis in asked:
        avis.dossier = dossier
        if avis.user_id == request.user.pk and avis.may_be_answered:
            is_bound = of is not None and of.pk == avis.pk
            avis.form = bound if is_bound else AvisAnswerForm(avis)
    context = page_context(request, dossier, "avis") | {
        "form": form,
        "asked": asked,
    }
    visites.note(request.user, dossier, visites.AVIS)
    return render(request, "instruction/avis_service_list.html", context, status=status)


def _list_url(request, dossier: Dossier) -> str:
    listing = Listing.read(request.GET, default=onglet_of(dossier))
    return reverse("instruction:avis_list", args=[dossier.pk]) + listing.query_string
