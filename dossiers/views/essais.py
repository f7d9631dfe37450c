"""The test mode: the page of its link, and what the administrateurs do with it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_ratelimit.core import is_ratelimited

from commun.limits import limit_visitors
from dossiers.enums import TESTS_KEPT_DAYS
from dossiers.essais import LinkEnded, erase, start_test
from dossiers.models import Dossier
from dossiers.views.public import page_context
from procedures.essais import (
    draft_to_test,
    invite_testers,
    link_path,
    open_link,
    remember_link,
    revoke_link,
    tested_procedure,
)
from procedures.forms.essai import TestersForm
from procedures.models import Procedure

INVITATION_RATE = "10/h"
TESTS_SHOWN = 100
NOTHING_TO_TEST = (
    "Il n’y a rien à essayer : le formulaire publié n’a pas de modification en attente."
)


@login_not_required
@never_cache
@limit_visitors()
@require_safe
def essai_public(request, token):
    """Show the draft as its public page will be, to whoever holds the link."""
    procedure = tested_procedure(token)
    draft = draft_to_test(procedure) if procedure is not None else None
    if draft is None:
        return render(request, "dossiers/essai_ended.html", {"is_essai": True}, status=404)
    remember_link(request.session, procedure)
    mine = Dossier.tests.none()
    if request.user.is_authenticated:
        mine = Dossier.tests.owned_by(request.user).for_procedure(procedure).without_answers()
    context = page_context(procedure, draft.formulaire) | {
        "is_essai": True,
        "token": token,
        "tests": mine.order_by("-updated_at", "-pk")[:TESTS_SHOWN],
    }
    return render(request, "dossiers/procedure_public.html", context)


@login_not_required
@limit_visitors()
def essai_start(request, token):
    """Begin a test; somebody not signed in yet comes back to the page of the link."""
    page_url = reverse("dossiers:essai_public", args=[token])
    if request.method != "POST":
        return redirect(page_url)
    if not request.user.is_authenticated:
        return redirect_to_login(page_url)
    try:
        dossier = start_test(token, by=request.user)
    except LinkEnded:
        return redirect(page_url)
    return redirect("dossiers:dossier_identify", dossier.pk)


@never_cache
@require_safe
def essai_manage(request, pk):
    """Show the link, those who tried it and how far they went."""
    return _manage_page(request, _procedure_or_404(request, pk), TestersForm())


@require_POST
def essai_link_create(request, pk):
    """Make a new link; the former one ends."""
    procedure = _procedure_or_404(request, pk)
    if open_link(procedure):
        messages.success(request, "Le lien d’essai est prêt : copiez-le ou envoyez-le.")
    else:
        messages.warning(request, NOTHING_TO_TEST)
    return redirect("dossiers:essai_manage", pk)


@require_POST
def essai_link_revoke(request, pk):
    """End the link."""
    revoke_link(_procedure_or_404(request, pk))
    messages.success(request, "Le lien d’essai ne fonctionne plus.")
    return redirect("dossiers:essai_manage", pk)


@require_POST
def essai_invite(request, pk):
    """Send the link by email to the typed addresses."""
    procedure = _procedure_or_404(request, pk)
    if procedure.test_token is None:
        messages.warning(request, "Créez d’abord un lien d’essai.")
        return redirect("dossiers:essai_manage", pk)
    form = TestersForm(request.POST)
    if not form.is_valid():
        return _manage_page(request, procedure, form)
    if is_ratelimited(
        request, group="essai", key="user", rate=INVITATION_RATE, method="POST", increment=True
    ):
        form.add_error("emails", "Vous avez envoyé beaucoup d’invitations. Attendez une heure.")
        return _manage_page(request, procedure, form, status=429)
    emails = form.cleaned_data["emails"]
    invite_testers(procedure, emails, by=request.user)
    count = len(emails)
    said = "L’invitation part." if count == 1 else f"{count} invitations partent."
    messages.success(request, said)
    return redirect("dossiers:essai_manage", pk)


def essai_erase(request, pk):
    """Erase every test of the procédure, after asking once."""
    procedure = _procedure_or_404(request, pk)
    tests = Dossier.tests.for_procedure(procedure)
    if request.method == "POST":
        count = erase(tests)
        said = "1 essai effacé." if count == 1 else f"{count} essais effacés."
        messages.success(request, said if count else "Il n’y avait aucun essai à effacer.")
        return redirect("dossiers:essai_manage", pk)
    context = {"procedure": procedure, "count": tests.count()}
    return render(request, "dossiers/essai_erase.html", context)


def _procedure_or_404(request, pk: int) -> Procedure:
    mine = Procedure.objects.administered_by(request.user).select_related("organisme")
    return get_object_or_404(mine, pk=pk)


def _manage_page(request, procedure: Procedure, form: TestersForm, *, status: int = 200):
    tests = Dossier.tests.for_procedure(procedure)
    context = {
        "procedure": procedure,
        "form": form,
        "link_path": link_path(procedure),
        "has_draft": draft_to_test(procedure) is not None,
        "tests": tests.with_people().without_answers().order_by("-updated_at")[:TESTS_SHOWN],
        "count": tests.count(),
        "kept_days": TESTS_KEPT_DAYS,
    }
    return render(request, "dossiers/essai_manage.html", context, status=status)
