"""The labels of a procédure, which its administrateurs and its accompagnateurs make."""

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from procedures import labels
from procedures.enums import LABELS_MAX, SUGGESTED_LABELS
from procedures.forms.label import TWIN, LabelForm
from procedures.models import Label, Procedure

TOO_MANY = f"Cette procédure a déjà {LABELS_MAX} labels : supprimez ceux qui ne servent plus."
MOVES = {"monter": -1, "descendre": 1}


def label_list(request, pk):
    """List the labels in their order; a POST makes another."""
    procedure = _procedure(request.user, pk)
    label = Label(procedure=procedure)
    form = LabelForm(request.POST or None, instance=label)
    if request.method == "POST" and form.is_valid():
        if labels.is_full(procedure):
            form.add_error(None, TOO_MANY)
        else:
            label.position = labels.next_position(procedure)
            if _save(form):
                messages.success(request, f"Le label « {label.name} » est créé.")
                return redirect("procedures:label_list", procedure.pk)
    known = list(procedure.labels.all())
    names = {it.name.casefold() for it in known}
    context = {
        "procedure": procedure,
        "labels": known,
        "form": form,
        "suggested": [
            Label(name=name, color=color)
            for name, color in SUGGESTED_LABELS
            if name.casefold() not in names
        ],
        "is_administrateur": _administers(request.user, procedure),
    }
    status = 422 if form.errors else 200
    return render(request, "procedures/label_list.html", context, status=status)


@require_POST
def label_suggest(request, pk):
    """Add the suggested labels at once."""
    procedure = _procedure(request.user, pk)
    added = labels.add_suggested(procedure)
    said = f"{added} label{'s' if added > 1 else ''} ajouté{'s' if added > 1 else ''}."
    messages.success(request, said if added else "Ces labels existaient déjà.")
    return redirect("procedures:label_list", procedure.pk)


def label_edit(request, pk, label_pk):
    """Rename or recolour one."""
    procedure = _procedure(request.user, pk)
    label = get_object_or_404(procedure.labels, pk=label_pk)
    form = LabelForm(request.POST or None, instance=label)
    if request.method == "POST" and form.is_valid() and _save(form):
        messages.success(request, f"Le label « {label.name} » est enregistré.")
        return redirect("procedures:label_list", procedure.pk)
    context = {
        "procedure": procedure,
        "label": get_object_or_404(procedure.labels, pk=label_pk),
        "form": form,
        "is_administrateur": _administers(request.user, procedure),
    }
    status = 422 if form.errors else 200
    return render(request, "procedures/label_edit.html", context, status=status)


@require_POST
def label_move(request, pk, label_pk):
    """Move one up or down, as the button `sens` says."""
    procedure = _procedure(request.user, pk)
    label = get_object_or_404(procedure.labels, pk=label_pk)
    by = MOVES.get(request.POST.get("sens"))
    if by is not None:
        labels.move(label, by=by)
    return redirect("procedures:label_list", procedure.pk)


def label_delete(request, pk, label_pk):
    """Ask once, then delete one: it leaves the dossiers that have it."""
    procedure = _procedure(request.user, pk)
    label = get_object_or_404(procedure.labels, pk=label_pk)
    if request.method == "POST":
        labels.delete(label, by=request.user)
        messages.success(request, f"Le label « {label.name} » est supprimé.")
        return redirect("procedures:label_list", procedure.pk)
    context = {
        "procedure": procedure,
        "label": label,
        "used": label.dossiers.count(),
        "is_administrateur": _administers(request.user, procedure),
    }
    return render(request, "procedures/label_delete.html", context)


def _save(form: LabelForm) -> bool:
    """Save; False, and an error, when a colleague took the name at this very moment."""
    try:
        with transaction.atomic():
            form.save()
    except IntegrityError:
        form.add_error("name", TWIN)
        return False
    return True


def _procedure(user, pk: int) -> Procedure:
    return get_object_or_404(Procedure.objects.followed_by(user).select_related("organisme"), pk=pk)


def _administers(user, procedure: Procedure) -> bool:
    return Procedure.objects.administered_by(user).filter(pk=procedure.pk).exists()
