"""The canned answers of a procédure: every accompagnateur of it writes and uses them."""

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from instruction.forms import ReponseTypeForm
from instruction.models import ReponseType
from instruction.reponses_types import REPONSES_TYPES_MAX, offered_balises
from procedures.models import Procedure

TOO_MANY = (
    f"Cette procédure a déjà {REPONSES_TYPES_MAX} réponses types : supprimez celles qui ne servent "
    "plus."
)


@require_safe
def reponse_type_list(request, pk):
    """List the canned answers of a procédure."""
    procedure = _procedure(request.user, pk)
    context = {"procedure": procedure, "reponses": procedure.reponses_types.all()}
    return render(request, "instruction/reponse_type_list.html", context)


def reponse_type_create(request, pk):
    """Write a new one."""
    procedure = _procedure(request.user, pk)
    if procedure.reponses_types.count() >= REPONSES_TYPES_MAX:
        messages.error(request, TOO_MANY)
        return redirect("instruction:reponse_type_list", pk)
    return _edit(request, procedure, ReponseType(procedure=procedure))


def reponse_type_edit(request, pk, reponse_pk):
    """Change one."""
    procedure = _procedure(request.user, pk)
    return _edit(request, procedure, get_object_or_404(procedure.reponses_types, pk=reponse_pk))


def reponse_type_delete(request, pk, reponse_pk):
    """Ask once, then delete one; the messages sent with it stay."""
    procedure = _procedure(request.user, pk)
    reponse = get_object_or_404(procedure.reponses_types, pk=reponse_pk)
    if request.method == "POST":
        reponse.delete()
        messages.success(request, f"La réponse type « {reponse.title} » est supprimée.")
        return redirect("instruction:reponse_type_list", pk)
    context = {"procedure": procedure, "reponse": reponse}
    return render(request, "instruction/reponse_type_delete.html", context)


def _edit(request, procedure: Procedure, reponse: ReponseType):
    balises = offered_balises(procedure)
    form = ReponseTypeForm(request.POST or None, instance=reponse, balises=balises)
    if request.method == "POST" and form.is_valid() and _save(form, by=request.user):
        messages.success(request, f"La réponse type « {reponse.title} » est enregistrée.")
        return redirect("instruction:reponse_type_list", procedure.pk)
    context = {"procedure": procedure, "form": form, "balises": balises, "reponse": reponse}
    status = 422 if form.is_bound else 200
    return render(request, "instruction/reponse_type_edit.html", context, status=status)


def _save(form: ReponseTypeForm, *, by) -> bool:
    """Save; False, and an error, when a colleague took the title at this very moment."""
    form.instance.updated_by = by
    try:
        with transaction.atomic():
            form.save()
    except IntegrityError:
        form.add_error("title", "Une réponse type de cette procédure porte déjà ce titre.")
        return False
    return True


def _procedure(user, pk: int) -> Procedure:
    mine = Procedure.objects.instructed_by(user).select_related("organisme", "published_revision")
    return get_object_or_404(mine, pk=pk, published_revision__isnull=False)
