"""Pages that chain one procédure to the next."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from procedures.enchainements import (
    EnchainementRefused,
    enchainement_of,
    problems_of,
    remove_enchainement,
    set_enchainement,
    set_mapping,
)
from procedures.forms.enchainement import EnchainementForm, MappingForm
from procedures.models import Procedure


def enchainement_edit(request, pk):
    """Choose the next step and when it is offered."""
    procedure = _administered(request.user, pk)
    enchainement = enchainement_of(procedure)
    form = EnchainementForm(
        request.POST or None, procedure=procedure, by=request.user, enchainement=enchainement
    )
    if request.method == "POST" and form.is_valid():
        try:
            values = {name: form.cleaned_data[name] for name in ("target", "moment", "text")}
            set_enchainement(procedure, **values)
        except EnchainementRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "L’étape suivante est enregistrée.")
            return redirect("procedures:enchainement_mapping", procedure.pk)
    context = {
        "procedure": procedure,
        "enchainement": enchainement,
        "problems": problems_of(enchainement) if enchainement else [],
        "form": form,
    }
    return render(request, "procedures/enchainement_edit.html", context)


def enchainement_mapping(request, pk):
    """Choose which answers the next step takes."""
    procedure = _administered(request.user, pk)
    enchainement = enchainement_of(procedure)
    if enchainement is None:
        return redirect("procedures:enchainement_edit", procedure.pk)
    form = MappingForm(request.POST or None, enchainement=enchainement)
    if request.method == "POST" and form.is_valid():
        set_mapping(enchainement, form.mapping)
        messages.success(request, "Les réponses reprises sont enregistrées.")
        return redirect("procedures:procedure_detail", procedure.pk)
    context = {
        "procedure": procedure,
        "enchainement": enchainement,
        "problems": problems_of(enchainement),
        "form": form,
    }
    return render(request, "procedures/enchainement_mapping.html", context)


@require_POST
def enchainement_remove(request, pk):
    """Let nothing follow the procédure."""
    procedure = _administered(request.user, pk)
    remove_enchainement(procedure)
    messages.success(
        request, "Plus aucune étape ne suit cette procédure. Les dossiers commencés restent."
    )
    return redirect("procedures:procedure_detail", procedure.pk)


def _administered(user, pk: int) -> Procedure:
    return get_object_or_404(
        Procedure.objects.administered_by(user).select_related("published_revision"), pk=pk
    )
