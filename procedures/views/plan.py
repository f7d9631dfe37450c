"""Paste an outline to make a form: read it, review what each line becomes, insert all at once."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from procedures import builder
from procedures.forms.plan import LignesFormSet, PlanForm
from procedures.models import Procedure
from procedures.part import CHAMPS, Part
from procedures.revisions import editable_revision


@require_http_methods(["GET", "HEAD", "POST"])
def plan_read(request, pk, part=CHAMPS):
    """Ask for an outline, then show what it becomes; nothing is saved yet."""
    procedure = _procedure_or_404(request, pk)
    form = PlanForm(request.POST if request.method == "POST" else None, part=part)
    if form.is_valid():
        lignes = LignesFormSet(guesses=form.cleaned_data["text"], part=part)
        return _review(request, procedure, part, lignes)
    context = _context(request, procedure, part) | {"form": form}
    status = 422 if form.errors else 200
    return render(request, "procedures/plan_read.html", context, status=status)


@require_POST
def plan_insert(request, pk, part=CHAMPS):
    """Insert the reviewed lines after the selected champ, in one save."""
    procedure = _procedure_or_404(request, pk)
    lignes = LignesFormSet(request.POST, part=part)
    if not lignes.is_valid():
        return _review(request, procedure, part, lignes, status=422)
    champs, after = lignes.champs, request.POST.get("apres")
    try:
        edited = builder.add_champs(procedure, champs, after=after, part=part)
    except builder.FormulaireIsFull as error:
        messages.error(request, str(error))
        return _review(request, procedure, part, lignes, status=422)
    count = len(champs)
    messages.success(request, f"{count} champs insérés." if count > 1 else "Champ inséré.")
    return redirect(part.champ_url(procedure, edited.champ))


def _review(request, procedure: Procedure, part: Part, lignes: LignesFormSet, *, status=200):
    context = _context(request, procedure, part) | {"lignes": lignes}
    return render(request, "procedures/plan_review.html", context, status=status)


def _context(request, procedure: Procedure, part: Part) -> dict:
    """Return the procédure and the champ after which the lines come, None for the end."""
    asked = request.POST.get("apres") or request.GET.get("apres") or ""
    return {
        "procedure": procedure,
        "part": part,
        "after": part.of(editable_revision(procedure).formulaire).by_id.get(asked),
    }


def _procedure_or_404(request, pk) -> Procedure:
    return get_object_or_404(
        Procedure.objects.administered_by(request.user).select_related("published_revision"), pk=pk
    )
