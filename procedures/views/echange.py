"""A procédure as a file: exported, imported, copied."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Organisme
from commun.keyset import paginate
from procedures import echange
from procedures.forms.echange import ProcedureImportForm
from procedures.models import Procedure

PAGE_SIZE = 20


@require_safe
def procedure_export(request, pk):
    """Give the procédure as a JSON file: its draft if there is one, else the published form."""
    procedure = _procedure_or_404(request, pk)
    try:
        content = echange.export_of(procedure)
    except echange.EchangeError as error:
        messages.error(request, str(error))
        return redirect("procedures:procedure_detail", procedure.pk)
    name = f"{procedure.slug}-{timezone.localdate():%Y-%m-%d}.json"
    return HttpResponse(
        content,
        content_type="application/json",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
        },
    )


def procedure_import(request):
    """Create a procédure from a JSON file, or say what is wrong in it and where."""
    if not Organisme.objects.filter(administrateurs=request.user).exists():
        raise PermissionDenied
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ProcedureImportForm(*sent, user=request.user)
    if form.is_valid():
        procedure = echange.create_from(
            form.cleaned_data["file"], organisme=form.chosen_organisme, by=request.user
        )
        messages.success(
            request, "La procédure est importée. Relisez-la, puis affectez des accompagnateurs."
        )
        return redirect("procedures:procedure_detail", procedure.pk)
    status = 422 if form.errors else 200
    return render(request, "procedures/procedure_import.html", {"form": form}, status=status)


@require_safe
def procedure_pick(request):
    """List the procédures of my organismes, to copy one."""
    if not Organisme.objects.filter(administrateurs=request.user).exists():
        raise PermissionDenied
    query = request.GET.get("q", "").strip()[:200]
    procedures = Procedure.objects.administered_by(request.user).search(query)
    page = paginate(
        procedures.select_related("organisme"),
        ["-updated_at", "-id"],
        request.GET.get("suite"),
        PAGE_SIZE,
    )
    return render(request, "procedures/procedure_pick.html", {"page": page, "query": query})


@require_POST
def procedure_copy(request, pk):
    """Create a procédure like this one and open its cockpit."""
    procedure = _procedure_or_404(request, pk)
    try:
        copy = echange.copy_procedure(procedure, by=request.user)
    except echange.EchangeError as error:
        messages.error(request, str(error))
        return redirect("procedures:procedure_detail", procedure.pk)
    messages.success(
        request,
        "La copie est créée, à sa propre adresse. Relisez-la, puis affectez des accompagnateurs.",
    )
    return redirect("procedures:procedure_detail", copy.pk)


def _procedure_or_404(request, pk) -> Procedure:
    return get_object_or_404(
        Procedure.objects.administered_by(request.user).select_related(
            "organisme", "published_revision"
        ),
        pk=pk,
    )
