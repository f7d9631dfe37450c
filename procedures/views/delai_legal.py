"""The page of the legal deadline of a procédure."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render

from procedures.delais_legaux import (
    default_motivation,
    delai_legal_of,
    motivation_of,
    set_delai_legal,
)
from procedures.forms.delai_legal import DelaiLegalForm
from procedures.models import DelaiLegal, Procedure


def delai_legal_edit(request, pk):
    """Say what silence means, after how long, and whether TPS then decides."""
    procedure = get_object_or_404(Procedure.objects.administered_by(request.user), pk=pk)
    delai = delai_legal_of(procedure)
    form = DelaiLegalForm(request.POST or None, delai=delai)
    if request.method == "POST" and form.is_valid():
        set_delai_legal(procedure, form.values)
        messages.success(request, "Le délai légal est enregistré.")
        return redirect("procedures:procedure_detail", procedure.pk)
    context = {
        "procedure": procedure,
        "form": form,
        "delai": delai,
        "motivations": [motivation_of(delai)] if delai else _defaults(),
    }
    status = 422 if form.errors else 200
    return render(request, "procedures/delai_legal_edit.html", context, status=status)


def _defaults() -> list[str]:
    return [default_motivation(DelaiLegal(effet=effet)) for effet in ("sva", "svr")]
