"""Pages that say who designs a procédure."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render

from procedures.administrateurs import (
    LastAdministrateur,
    remove_administrateur,
)
from procedures.forms.administrateur import AdministrateurForm
from procedures.models import Procedure

LAST = (
    "Cette personne est la dernière à pouvoir administrer la procédure. "
    "Ajoutez d’abord un autre administrateur."
)


def administrateur_list(request, pk):
    """List the administrateurs; a POST adds one by their address."""
    procedure = _procedure_or_404(request, pk)
    form = AdministrateurForm(request.POST or None, procedure=procedure, by=request.user)
    if request.method == "POST" and form.is_valid():
        user, is_new = form.cleaned_data["email"]
        said = "administre maintenant" if is_new else "administrait déjà"
        messages.success(request, f"{user} {said} la procédure.")
        return redirect("procedures:administrateur_list", procedure.pk)
    in_force = set(procedure.administrations.in_force().values_list("pk", flat=True))
    administrations = list(procedure.administrations.select_related("user").order_by("pk"))
    for administration in administrations:
        administration.is_in_force = administration.pk in in_force
        administration.is_last = in_force == {administration.pk}
    context = {"procedure": procedure, "form": form, "administrations": administrations}
    return render(request, "procedures/administrateur_list.html", context)


def administrateur_delete(request, pk, administration_pk):
    """Take an administrateur off the list, or leave it oneself, after asking once."""
    procedure = _procedure_or_404(request, pk)
    administration = get_object_or_404(
        procedure.administrations.select_related("user"), pk=administration_pk
    )
    is_me = administration.user_id == request.user.pk
    if request.method == "POST":
        try:
            remove_administrateur(administration)
        except LastAdministrateur:
            messages.error(request, LAST)
            return redirect("procedures:administrateur_list", procedure.pk)
        if is_me:
            messages.success(request, f"Vous n’administrez plus « {procedure.title} ».")
            return redirect("procedures:procedure_list")
        messages.success(request, f"{administration.user} n’administre plus cette procédure.")
        return redirect("procedures:administrateur_list", procedure.pk)
    context = {"procedure": procedure, "administration": administration, "is_me": is_me}
    return render(request, "procedures/administrateur_delete.html", context)


def _procedure_or_404(request, pk) -> Procedure:
    return get_object_or_404(
        Procedure.objects.administered_by(request.user).select_related("organisme"), pk=pk
    )
