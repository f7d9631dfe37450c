"""The administrateur applies new rules to the dossiers, and deletes groupes that have some."""

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from commun.forms import TpsFormHelper
from dossiers import reroutages
from dossiers.enums import ReroutageKind
from dossiers.models import Reroutage
from procedures.models import Groupe, Procedure


class GroupeDeleteForm(forms.Form):
    """Which groupe takes the dossiers of the one that ends."""

    target = forms.ModelChoiceField(
        Groupe.objects.none(),
        label="Groupe qui reçoit ses dossiers",
        empty_label="Sélectionnez un groupe",
        error_messages={"required": "Choisissez le groupe qui reçoit ses dossiers."},
    )

    def __init__(self, *args, groupe: Groupe, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.use_required_attribute = False
        self.helper = TpsFormHelper()
        others = Groupe.objects.filter(procedure_id=groupe.procedure_id).exclude(pk=groupe.pk)
        self.fields["target"].queryset = others


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reroutage(request, pk):
    """Show what new rules would move, then move it; each goes on when one leaves the page."""
    procedure = _procedure_or_404(request, pk)
    if request.method == "POST":
        try:
            _act(request, procedure)
        except reroutages.RerouteRefused as refusal:
            messages.error(request, str(refusal))
        return redirect("dossiers:reroutage", pk)
    last = procedure.reroutages.order_by("-pk").first()
    is_current = last is not None and last.is_preview and reroutages.is_current(last)
    context = {
        "procedure": procedure,
        "last": last,
        "is_current": is_current,
        "may_apply": bool(is_current and last.finished_at and not last.stopped and last.moved),
        "may_preview": last is None or last.finished_at is not None,
    }
    if request.htmx:
        return render(request, "dossiers/includes/reroutage_progress.html", context)
    return render(request, "dossiers/reroutage.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def groupe_delete(request, pk, groupe_pk):
    """Delete a groupe, after choosing who takes its dossiers."""
    procedure = _procedure_or_404(request, pk)
    groupe = get_object_or_404(procedure.groupes.filter(is_default=False), pk=groupe_pk)
    total = reroutages.dossiers_of(groupe).count()
    form = GroupeDeleteForm(request.POST if total and request.POST else None, groupe=groupe)
    if request.method == "POST" and (not total or form.is_valid()):
        return _delete(request, procedure, groupe, form.cleaned_data["target"] if total else None)
    context = {"procedure": procedure, "groupe": groupe, "total": total, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "dossiers/groupe_delete.html", context, status=status)


def _delete(request, procedure: Procedure, groupe: Groupe, target: Groupe | None):
    try:
        moving = reroutages.empty_and_delete(groupe, target, by=request.user)
    except reroutages.RerouteRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("procedures:groupe_detail", procedure.pk, groupe.pk)
    if moving is None:
        messages.success(request, f"Le groupe « {groupe} » est supprimé.")
        return redirect("procedures:accompagnateur_list", procedure.pk)
    messages.success(request, "Les dossiers changent de groupe. Vous pouvez quitter cette page.")
    return redirect("dossiers:reroutage", procedure.pk)


def _act(request, procedure: Procedure) -> None:
    if "appliquer" not in request.POST:
        reroutages.preview(procedure, by=request.user)
        return
    seen = Reroutage.objects.filter(
        procedure=procedure, kind=ReroutageKind.APERCU, pk=_number(request.POST["appliquer"])
    )
    preview = seen.select_related("procedure").first()
    if preview is None:
        raise reroutages.RerouteRefused(reroutages.RULES_CHANGED)
    reroutages.apply(preview, by=request.user)
    messages.success(request, "Les nouvelles règles s’appliquent. Vous pouvez quitter cette page.")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


def _procedure_or_404(request, pk) -> Procedure:
    return get_object_or_404(Procedure.objects.administered_by(request.user), pk=pk)
