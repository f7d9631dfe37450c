"""The page that says from when usagers may write to the service."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render

from procedures.forms.messagerie import MessagerieForm
from procedures.models import Procedure


def messagerie_edit(request, pk):
    """Choose whether the dialogue begins before the deposit."""
    procedure = get_object_or_404(Procedure.objects.administered_by(request.user), pk=pk)
    form = MessagerieForm(request.POST or None, instance=procedure)
    if request.method == "POST" and form.is_valid():
        form.save_messagerie()
        messages.success(
            request,
            "Les usagers peuvent écrire au service dès leur brouillon."
            if procedure.dialogue_prealable
            else "Les usagers peuvent écrire au service à partir du dépôt.",
        )
        return redirect("procedures:procedure_detail", procedure.pk)
    context = {"procedure": procedure, "form": form}
    return render(request, "procedures/messagerie_edit.html", context)
