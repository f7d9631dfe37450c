"""The public gallery of the forms that administrateurs share, and the copy of one."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Organisme
from commun.keyset import paginate
from commun.limits import limit_visitors
from procedures import echange
from procedures.forms.organisme import OrganismeChoiceForm
from procedures.models import Procedure

PAGE_SIZE = 20


@login_not_required
@require_safe
@limit_visitors()
def modele_list(request):
    """List the forms that administrateurs share, found by their title or organisme."""
    query = request.GET.get("q", "").strip()[:200]
    found = Procedure.objects.modeles().search(query)
    page = paginate(
        found.select_related("organisme").defer("description", "search_text"),
        ["-published_at", "-pk"],
        request.GET.get("suite"),
        PAGE_SIZE,
    )
    context = {"page": page, "query": query, "count": found.count()}
    context["is_administrateur"] = _is_administrateur(request.user)
    return render(request, "procedures/modele_list.html", context)


@login_not_required
@require_safe
@limit_visitors()
def modele_detail(request, slug):
    """Show the questions of a shared form, and offer administrateurs to copy it."""
    procedure = _modele_or_404(slug)
    form = OrganismeChoiceForm(user=request.user) if _is_administrateur(request.user) else None
    return _detail(request, procedure, form)


@require_POST
def modele_copy(request, slug):
    """Create a procédure of mine from a shared form and open its cockpit."""
    if not _is_administrateur(request.user):
        raise PermissionDenied
    modele = _modele_or_404(slug)
    form = OrganismeChoiceForm(request.POST, user=request.user)
    if not form.is_valid():
        return _detail(request, modele, form, status=422)
    try:
        copy = echange.copy_modele(modele, organisme=form.chosen_organisme, by=request.user)
    except echange.EchangeError as error:
        messages.error(request, str(error))
        return redirect("procedures:modele_detail", modele.slug)
    messages.success(
        request,
        "La procédure est créée à partir du modèle. Indiquez votre service, relisez les questions, "
        "puis affectez des accompagnateurs.",
    )
    return redirect("procedures:procedure_detail", copy.pk)


@require_POST
def modele_set(request, pk):
    """Share the published form of a procédure in the gallery, or take it back."""
    procedure = get_object_or_404(
        Procedure.objects.administered_by(request.user).select_related("organisme"), pk=pk
    )
    procedure.is_modele = request.POST.get("modele") == "oui"
    procedure.save(update_fields=["is_modele"])
    if procedure.is_modele:
        messages.success(request, "Le formulaire est proposé comme modèle.")
    else:
        messages.success(request, "Le formulaire n’est plus proposé comme modèle.")
    return redirect("procedures:procedure_detail", procedure.pk)


def _detail(request, procedure: Procedure, form: OrganismeChoiceForm | None, status: int = 200):
    champs = procedure.published_revision.formulaire.champs
    context = {"procedure": procedure, "champs": champs, "form": form}
    return render(request, "procedures/modele_detail.html", context, status=status)


def _modele_or_404(slug: str) -> Procedure:
    return get_object_or_404(
        Procedure.objects.modeles().select_related("organisme", "published_revision"), slug=slug
    )


def _is_administrateur(user) -> bool:
    return user.is_authenticated and Organisme.objects.filter(administrateurs=user).exists()
