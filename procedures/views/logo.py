"""The page where an administrateur chooses the logo of a procédure, and the image itself."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from procedures import logos, policies
from procedures.essais import holds_link
from procedures.forms.logo import LogoForm
from procedures.models import Procedure

CACHE_SECONDS = 86_400


def logo_edit(request, pk):
    """Choose the logo, and see where it is shown."""
    procedure = _procedure_or_404(request, pk)
    is_sent = request.method == "POST"
    form = LogoForm(request.POST, request.FILES) if is_sent else LogoForm()
    if is_sent and form.is_valid():
        logos.set_logo(procedure, form.cleaned_data["file"])
        messages.success(request, "Le logo est enregistré.")
        return redirect("procedures:logo_edit", procedure.pk)
    return render(request, "procedures/logo_edit.html", {"procedure": procedure, "form": form})


def logo_remove(request, pk):
    """Show no logo any more, after asking once."""
    procedure = _procedure_or_404(request, pk)
    if request.method != "POST":
        return render(request, "procedures/logo_remove.html", {"procedure": procedure})
    logos.remove_logo(procedure)
    messages.success(request, "Le logo est retiré.")
    return redirect("procedures:logo_edit", procedure.pk)


@require_safe
@login_not_required
def logo_show(request, pk):
    """Give the image: to anyone once the procédure is published, else to who designs or tries it.

    Its address changes with it, so that a cache may keep it.
    """
    procedure = get_object_or_404(Procedure.objects.exclude(logo=""), pk=pk)
    if not (
        procedure.was_published
        or holds_link(request.session, procedure)
        or (request.user.is_authenticated and policies.can_administer(request.user, procedure))
    ):
        raise Http404
    content = logos.content_of(procedure)
    if not content:
        raise Http404
    scope = "public" if procedure.was_published else "private"
    return HttpResponse(
        content,
        content_type=logos.type_of(content),
        headers={
            "Cache-Control": f"{scope}, max-age={CACHE_SECONDS}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _procedure_or_404(request, pk: int) -> Procedure:
    procedures = Procedure.objects.administered_by(request.user)
    return get_object_or_404(procedures.select_related("organisme"), pk=pk)
