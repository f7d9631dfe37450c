"""What everyone sees of a procédure, and how a dossier begins."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from commun.limits import limit_visitors
from dossiers.brouillons import start_brouillon
from dossiers.delais import delais_of
from dossiers.enums import DossierState
from dossiers.liens import forget_lien, keep_lien, lien_of_request, posted_lien
from dossiers.models import Dossier
from dossiers.workflow import ProcedureClosed
from procedures import formulaires_vierges
from procedures.formulaire import Formulaire
from procedures.models import Procedure
from procedures.policies import can_administer
from procedures.revisions import editable_revision


@login_not_required
@limit_visitors()
def procedure_public(request, slug):
    """Say what the procédure is for, who may apply and what is needed."""
    procedure = _visible_procedure(request.user, slug)
    is_preview = not procedure.was_published
    revision = editable_revision(procedure) if is_preview else procedure.published_revision
    formulaire = revision.formulaire
    context = page_context(procedure, formulaire) | {
        "is_preview": is_preview,
        "delais": None if is_preview else delais_of(procedure),
        "brouillon": _brouillon_of(request.user, procedure),
        "prefilled": lien_of_request(request, procedure) if procedure.is_open else None,
    }
    return render(request, "dossiers/procedure_public.html", context)


def page_context(procedure: Procedure, formulaire: Formulaire) -> dict:
    """Return what the public page says of a form, published or not."""
    formulaires_vierges.attach(formulaire)
    return {
        "procedure": procedure,
        "pieces": [champ for champ in formulaire.champs if champ.holds_files],
        "question_count": sum(champ.holds_answer for champ in formulaire.champs),
        "section_count": sum(title is not None for title, _ in formulaire.sections()),
        "minutes": formulaire.minutes,
    }


@login_not_required
@limit_visitors()
def brouillon_create(request, slug):
    """Begin a dossier; somebody not signed in yet comes back to the public page."""
    procedure = get_object_or_404(Procedure.objects.public(), slug=slug)
    lien = posted_lien(request) if procedure.is_open else ""
    if not request.user.is_authenticated:
        back = keep_lien(request, procedure, lien) if lien else procedure.get_absolute_url()
        is_new = "nouveau_compte" in request.POST
        return redirect_to_login(back, reverse("account_signup") if is_new else None)
    if request.method != "POST":
        return redirect(procedure)
    try:
        dossier = start_brouillon(procedure, by=request.user, lien=lien)
    except ProcedureClosed as refusal:
        messages.error(request, str(refusal))
        return redirect(procedure)
    forget_lien(request, lien)
    return redirect("dossiers:dossier_identify", dossier.pk)


def _visible_procedure(user, slug: str) -> Procedure:
    procedure = get_object_or_404(
        Procedure.objects.select_related("organisme", "published_revision"), slug=slug
    )
    if procedure.was_published or (user.is_authenticated and can_administer(user, procedure)):
        return procedure
    raise Http404


def _brouillon_of(user, procedure: Procedure) -> Dossier | None:
    """Return the brouillon that `user` changed last."""
    if not user.is_authenticated:
        return None
    return (
        Dossier.objects.owned_by(user)
        .for_procedure(procedure)
        .filter(state=DossierState.BROUILLON)
        .without_answers()
        .order_by("-updated_at", "-pk")
        .first()
    )
