"""The rules of ineligibility: each a condition and a message, checked against the form."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from procedures import ineligibilites
from procedures.champs import new_champ_id
from procedures.conditions import Ineligibilite
from procedures.conditions.controle import problems_of_condition
from procedures.conditions.explication import condition_in_words
from procedures.enums import INELIGIBILITES_MAX
from procedures.forms.condition import ConditionForm
from procedures.forms.ineligibilite import IneligibiliteMessageForm
from procedures.formulaire import Formulaire
from procedures.models import Procedure
from procedures.revisions import editable_revision


@dataclass(frozen=True)
class Explained:
    """A rule as its administrateur reads it."""

    rule: Ineligibilite
    words: str
    problems: list[str]


@require_safe
def ineligibilite_list(request, pk):
    """Show the rules in words, with what usagers read."""
    procedure = _procedure_or_404(request, pk)
    formulaire = editable_revision(procedure).formulaire
    rules = [
        Explained(
            rule,
            condition_in_words(rule.condition, formulaire.by_id),
            problems_of_condition(formulaire, rule.condition, None),
        )
        for rule in formulaire.ineligibilites
    ]
    context = {
        "procedure": procedure,
        "rules": rules,
        "may_add": len(rules) < INELIGIBILITES_MAX,
        "rules_max": INELIGIBILITES_MAX,
    }
    return render(request, "procedures/ineligibilite_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def ineligibilite_create(request, pk):
    """Add a rule at the end."""
    procedure = _procedure_or_404(request, pk)
    formulaire = editable_revision(procedure).formulaire
    if len(formulaire.ineligibilites) >= INELIGIBILITES_MAX:
        messages.error(request, f"Une procédure a au plus {INELIGIBILITES_MAX} règles.")
        return redirect("procedures:ineligibilite_list", procedure.pk)
    return _edit(request, procedure, formulaire, None)


@require_http_methods(["GET", "HEAD", "POST"])
def ineligibilite_edit(request, pk, rule_id):
    """Change a rule."""
    procedure = _procedure_or_404(request, pk)
    formulaire = editable_revision(procedure).formulaire
    return _edit(request, procedure, formulaire, _rule_or_404(formulaire, rule_id))


@require_http_methods(["GET", "HEAD", "POST"])
def ineligibilite_delete(request, pk, rule_id):
    """Take a rule away, after asking once."""
    procedure = _procedure_or_404(request, pk)
    formulaire = editable_revision(procedure).formulaire
    rule = _rule_or_404(formulaire, rule_id)
    if request.method == "POST":
        ineligibilites.delete_rule(procedure, rule.id)
        messages.success(request, "La règle est supprimée.")
        return redirect("procedures:ineligibilite_list", procedure.pk)
    words = condition_in_words(rule.condition, formulaire.by_id)
    context = {"procedure": procedure, "words": words}
    return render(request, "procedures/ineligibilite_delete.html", context)


def _edit(request, procedure: Procedure, formulaire: Formulaire, rule: Ineligibilite | None):
    """Show the form of a rule, save it when it is complete and asked for."""
    is_posted = request.method == "POST"
    data = request.POST if is_posted else None
    condition = ConditionForm(
        formulaire, None, condition=rule.condition if rule else None, data=data
    )
    initial = {"message": rule.message if rule else ""}
    is_step = is_posted and any(name in data for name in ("ajouter", "retirer", "etape"))
    form = IneligibiliteMessageForm(data if not is_step else None, initial=initial)
    if is_step:
        form.initial["message"] = data.get("message", "")
    status = 200
    if is_posted and not is_step:
        if form.is_valid() and condition.is_complete and _save(procedure, rule, condition, form):
            messages.success(request, "La règle est enregistrée.")
            return redirect("procedures:ineligibilite_list", procedure.pk)
        status = 422
    context = {
        "procedure": procedure,
        "rule": rule,
        "condition_form": condition,
        "form": form,
        "is_refused": status == 422,
    }
    return render(request, "procedures/ineligibilite_edit.html", context, status=status)


def _save(procedure, rule, condition: ConditionForm, form: IneligibiliteMessageForm) -> bool:
    """Save the rule; False when the form changed meanwhile."""
    saved = Ineligibilite(
        id=rule.id if rule else new_champ_id(),
        condition=condition.condition,
        message=form.cleaned_data["message"],
    )
    try:
        ineligibilites.save_rule(procedure, saved)
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True


def _rule_or_404(formulaire: Formulaire, rule_id: str) -> Ineligibilite:
    for rule in formulaire.ineligibilites:
        if rule.id == rule_id:
            return rule
    raise Http404("Cette règle n’existe plus.")


def _procedure_or_404(request, pk) -> Procedure:
    return get_object_or_404(
        Procedure.objects.administered_by(request.user).select_related("published_revision"), pk=pk
    )
