"""Pages that plan the dates of a procédure and write what it says around them."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render

from procedures.dates import set_dates
from procedures.forms.dates import DatesForm
from procedures.forms.textes import TextesForm
from procedures.models import Procedure

CHANGES_SHOWN = 20


def dates_edit(request, pk):
    """Plan the opening, the closing and the passage en instruction."""
    procedure = get_object_or_404(Procedure.objects.administered_by(request.user), pk=pk)
    form = DatesForm(request.POST or None, procedure=procedure)
    if request.method == "POST" and form.is_valid():
        set_dates(procedure, form.planning, by=request.user)
        messages.success(request, "Les dates sont enregistrées.")
        return redirect("procedures:procedure_detail", procedure.pk)
    changes = procedure.changements_de_dates.select_related("by")[:CHANGES_SHOWN]
    context = {"procedure": procedure, "form": form, "changes": changes}
    return render(request, "procedures/dates_edit.html", context)


def textes_edit(request, pk):
    """Write the thank-you text and the closing text."""
    procedure = get_object_or_404(Procedure.objects.administered_by(request.user), pk=pk)
    form = TextesForm(request.POST or None, instance=procedure)
    if request.method == "POST" and form.is_valid():
        form.save_textes()
        messages.success(request, "Les textes sont enregistrés.")
        return redirect("procedures:procedure_detail", procedure.pk)
    return render(request, "procedures/textes_edit.html", {"procedure": procedure, "form": form})
