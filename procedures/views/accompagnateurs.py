"""Pages that assign accompagnateurs to a procédure."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render

from procedures.accompagnateurs import assign_all, unassign
from procedures.forms.accompagnateur import AccompagnateursForm
from procedures.groupes import explain, formulaire_of, groupes_of, may_have_rules
from procedures.models import Procedure


def accompagnateur_list(request, pk):
    """List the accompagnateurs, or the groupes once there are several; a POST adds some."""
    mine = Procedure.objects.administered_by(request.user).select_related("published_revision")
    procedure = get_object_or_404(mine, pk=pk)
    form = AccompagnateursForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        emails = form.cleaned_data["emails"]
        added = assign_all(procedure, emails, by=request.user)
        messages.success(request, _outcome(added, len(emails) - added))
        return redirect("procedures:accompagnateur_list", procedure.pk)
    groupes = list(groupes_of(procedure))
    context = {"procedure": procedure, "form": form, "groupes": groupes}
    if len(groupes) > 1:
        context["explained"] = explain(groupes, formulaire_of(procedure))
        return render(request, "procedures/groupe_list.html", context)
    affectations = list(procedure.affectations.select_related("user").order_by("user__email"))
    context |= {"affectations": affectations, "is_last": len(affectations) == 1}
    return render(request, "procedures/accompagnateur_list.html", context)


def accompagnateur_delete(request, pk, affectation_pk):
    """Remove an accompagnateur, after asking once."""
    procedure = get_object_or_404(Procedure.objects.administered_by(request.user), pk=pk)
    affectation = get_object_or_404(
        procedure.affectations.select_related("user", "groupe"), pk=affectation_pk
    )
    has_groupes = may_have_rules(procedure)
    if request.method == "POST":
        unassign(affectation)
        if has_groupes:
            messages.success(request, f"{affectation.user} n’est plus membre du groupe.")
            return redirect("procedures:groupe_detail", procedure.pk, affectation.groupe_id)
        messages.success(request, f"{affectation.user} n’accompagne plus cette procédure.")
        return redirect("procedures:accompagnateur_list", procedure.pk)
    context = {"procedure": procedure, "affectation": affectation, "has_groupes": has_groupes}
    context["is_last"] = affectation.groupe.affectations.count() == 1
    return render(request, "procedures/accompagnateur_delete.html", context)


def _outcome(added: int, known: int) -> str:
    """Say how many people were added, and how many were there before."""
    if not added:
        return "Ces personnes accompagnaient déjà la procédure : rien n’a changé."
    said = "1 accompagnateur ajouté." if added == 1 else f"{added} accompagnateurs ajoutés."
    if known:
        were = "l’accompagnait" if known == 1 else "l’accompagnaient"
        said += f" {known} {were} déjà."
    return said
