"""Groupes and their members, brought in from a CSV file and given as one."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe
from django_ratelimit.decorators import ratelimit

from procedures.forms.groupe import IMPORT_MAX_BYTES, GroupesImportForm
from procedures.groupes_csv import carry_out, plan_of, write_csv
from procedures.views.groupes import procedure_or_404

IMPORT_RATE = "20/h"


@require_safe
def groupe_export(request, pk):
    """Give the groupes and their members as a CSV file."""
    procedure = procedure_or_404(request, pk)
    return HttpResponse(
        "\ufeff" + write_csv(procedure),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="groupes-{procedure.slug}.csv"',
            "X-Content-Type-Options": "nosniff",
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@ratelimit(group="groupes_import", key="user", rate=IMPORT_RATE, method="POST", block=False)
def groupe_import(request, pk):
    """Show what a file would do, then do it."""
    procedure = procedure_or_404(request, pk)
    if getattr(request, "limited", False):
        messages.error(request, "Vous avez importé trop de fichiers : réessayez dans une heure.")
        return redirect("procedures:accompagnateur_list", procedure.pk)
    text = request.POST.get("contenu", "") if request.method == "POST" else ""
    if text and len(text) <= IMPORT_MAX_BYTES:
        return _confirmed(request, procedure, text)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = GroupesImportForm(*sent)
    context = {"procedure": procedure, "form": form, "plan": None}
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["file"]
        context |= {"plan": plan_of(procedure, text), "text": text}
    status = 422 if form.errors else 200
    return render(request, "procedures/groupe_import.html", context, status=status)


def _confirmed(request, procedure, text: str):
    plan = plan_of(procedure, text)
    try:
        carry_out(procedure, plan, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("procedures:groupe_import", procedure.pk)
    messages.success(
        request,
        f"Groupes créés : {len(plan.new_groupes)}. Membres ajoutés : {len(plan.new_members)}.",
    )
    return redirect("procedures:accompagnateur_list", procedure.pk)
