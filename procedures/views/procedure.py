"""Pages of an administrateur: their procédures, and the cockpit of each."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from accounts.models import Organisme
from commun.keyset import paginate
from procedures.cockpit import cockpit_of
from procedures.enums import ProcedureState
from procedures.forms.procedure import ProcedureForm
from procedures.models import Procedure, Transfert

PAGE_SIZE = 20
PREVIEW_MAX = 20_000
PREVIEWED = ("description", "thanks_text", "closing_text")


def procedure_list(request):
    """List the procédures of my organismes; refuse whoever administers none."""
    if not Organisme.objects.filter(administrateurs=request.user).exists():
        raise PermissionDenied
    query, state = request.GET.get("q", "").strip()[:200], request.GET.get("etat", "")
    procedures = Procedure.objects.administered_by(request.user)
    has_any = procedures.exists()
    if state in ProcedureState.values:
        procedures = procedures.filter(state=state)
    procedures = procedures.search(query)
    page = paginate(
        procedures.select_related("organisme").with_unpublished_changes(),
        ["-updated_at", "-id"],
        request.GET.get("suite"),
        PAGE_SIZE,
    )
    context = {"page": page, "count": procedures.count(), "has_any": has_any, "query": query}
    context["transferts"] = list(
        Transfert.objects.offered_to(request.user).select_related("procedure", "from_organisme")[
            :PAGE_SIZE
        ]
    )
    context |= {"state": state, "states": ProcedureState.choices}
    return render(request, "procedures/procedure_list.html", context)


def procedure_create(request):
    """Create a procédure and open its cockpit."""
    if not Organisme.objects.filter(administrateurs=request.user).exists():
        raise PermissionDenied
    form = ProcedureForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        procedure = form.save_procedure()
        if procedure is not None:
            messages.success(request, "La procédure est créée. Composez maintenant son formulaire.")
            return redirect("procedures:procedure_detail", procedure.pk)
    return render(request, "procedures/procedure_create.html", {"form": form})


def procedure_edit(request, pk):
    """Change the description of a procédure, published or not."""
    procedure = get_object_or_404(Procedure.objects.administered_by(request.user), pk=pk)
    title = procedure.title
    form = ProcedureForm(request.POST or None, instance=procedure, user=request.user)
    if request.method == "POST" and form.is_valid() and form.save_procedure() is not None:
        messages.success(request, "La description est enregistrée.")
        return redirect("procedures:procedure_detail", procedure.pk)
    context = {"form": form, "procedure": procedure, "saved_title": title}
    return render(request, "procedures/procedure_edit.html", context)


def procedure_detail(request, pk):
    """Show the cockpit: each step with its state, and what to do next."""
    procedure = get_object_or_404(
        Procedure.objects.administered_by(request.user).select_related(
            "organisme", "published_revision"
        ),
        pk=pk,
    )
    context = {"procedure": procedure, "cockpit": cockpit_of(procedure)}
    return render(request, "procedures/procedure_detail.html", context)


@require_POST
def markdown_preview(request):
    """Answer the text being typed, as usagers will see it."""
    if not Organisme.objects.filter(administrateurs=request.user).exists():
        raise PermissionDenied
    text = next((request.POST[name] for name in PREVIEWED if name in request.POST), "")
    text = text[:PREVIEW_MAX]
    return render(request, "procedures/includes/markdown.html", {"text": text})
