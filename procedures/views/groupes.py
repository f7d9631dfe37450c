"""Pages of the groupes of a procédure: made, named, ordered, given members and rules."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from procedures import groupes
from procedures.accompagnateurs import assign_all
from procedures.conditions import Condition
from procedures.forms.accompagnateur import AccompagnateursForm
from procedures.forms.condition import ConditionForm
from procedures.forms.groupe import GroupeForm, WizardForm
from procedures.models import Groupe, Procedure


@require_http_methods(["GET", "HEAD", "POST"])
def groupe_create(request, pk):
    """Add a groupe by its name and its contact."""
    procedure = procedure_or_404(request, pk)
    form = GroupeForm(request.POST or None, instance=Groupe(procedure=procedure))
    if request.method == "POST" and form.is_valid():
        try:
            groupe = groupes.create_groupe(procedure, form.cleaned_data["name"])
        except ValidationError as error:
            form.add_error(None, error)
        else:
            for name in form.Meta.fields:
                setattr(groupe, name, form.cleaned_data[name])
            groupe.save()
            messages.success(
                request, f"Le groupe « {groupe} » est créé. Ajoutez ses membres et sa règle."
            )
            return redirect("procedures:groupe_detail", procedure.pk, groupe.pk)
    status = 422 if form.is_bound else 200
    context = {"procedure": procedure, "form": form, "groupe": None}
    return render(request, "procedures/groupe_edit.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def groupe_edit(request, pk, groupe_pk):
    """Change what a groupe is called and how it is reached."""
    procedure = procedure_or_404(request, pk)
    groupe = get_object_or_404(procedure.groupes, pk=groupe_pk)
    former = groupe.name
    form = GroupeForm(request.POST or None, instance=groupe)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, f"Le groupe « {groupe} » est enregistré.")
        return redirect("procedures:groupe_detail", procedure.pk, groupe.pk)
    status = 422 if form.is_bound else 200
    context = {"procedure": procedure, "form": form, "groupe": groupe, "former": former}
    return render(request, "procedures/groupe_edit.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def groupe_detail(request, pk, groupe_pk):
    """Show a groupe, its rule, its contact and its members; a POST adds some members."""
    procedure = procedure_or_404(request, pk)
    groupe = get_object_or_404(procedure.groupes, pk=groupe_pk)
    form = AccompagnateursForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        emails = form.cleaned_data["emails"]
        added = assign_all(procedure, emails, by=request.user, groupe=groupe)
        messages.success(request, _added(added, len(emails) - added))
        return redirect("procedures:groupe_detail", procedure.pk, groupe.pk)
    affectations = list(groupe.affectations.select_related("user").order_by("user__email"))
    explained = groupes.explain(
        list(groupes.groupes_of(procedure)), groupes.formulaire_of(procedure)
    )
    context = {
        "procedure": procedure,
        "groupe": groupe,
        "explained": next(item for item in explained if item.groupe == groupe),
        "form": form,
        "affectations": affectations,
        "is_last": len(affectations) == 1,
        "has_contact": any(
            (
                groupe.contact_email,
                groupe.contact_phone,
                groupe.contact_address,
                groupe.contact_hours,
            )
        ),
    }
    return render(request, "procedures/groupe_detail.html", context)


@require_POST
def groupe_move(request, pk, groupe_pk):
    """Let the rule of a groupe be read one place earlier or later."""
    procedure = procedure_or_404(request, pk)
    groupe = get_object_or_404(procedure.groupes, pk=groupe_pk)
    groupes.move_groupe(groupe, up=request.POST.get("sens") == "haut")
    messages.success(request, f"Le groupe « {groupe} » a changé de place.")
    return redirect("procedures:accompagnateur_list", procedure.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def groupe_rule(request, pk, groupe_pk):
    """Say which dossiers go to a groupe; without any rule, none does."""
    procedure = procedure_or_404(request, pk)
    groupe = get_object_or_404(procedure.groupes.filter(is_default=False), pk=groupe_pk)
    formulaire = groupes.formulaire_of(procedure)
    rule = Condition.model_validate(groupe.rule) if groupe.rule else None
    is_posted = request.method == "POST"
    data = request.POST if is_posted else None
    form = ConditionForm(formulaire, None, condition=rule, data=data)
    is_step = is_posted and any(name in data for name in ("ajouter", "retirer", "etape"))
    status, errors = 200, []
    if is_posted and not is_step:
        errors = _save_rule(groupe, form, is_removed="enlever" in data)
        if not errors:
            messages.success(request, _rule_saved(groupe))
            return redirect("procedures:groupe_detail", procedure.pk, groupe.pk)
        status = 422
    context = {
        "procedure": procedure,
        "groupe": groupe,
        "condition_form": form,
        "errors": errors,
        "has_rule": rule is not None,
    }
    return render(request, "procedures/groupe_rule.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def groupe_wizard(request, pk):
    """Make a groupe of each answer to a champ: first the champ, then the answers."""
    procedure = procedure_or_404(request, pk)
    formulaire = groupes.formulaire_of(procedure)
    champs = groupes.wizard_champs(formulaire)
    champ = next((one for one in champs if one.id == request.GET.get("champ")), None)
    context = {"procedure": procedure, "champs": champs, "champ": champ}
    if champ is None:
        return render(request, "procedures/groupe_wizard.html", context)
    form = WizardForm(
        request.POST or None, champ=champ, groupes=list(groupes.groupes_of(procedure))
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = groupes.create_from_champ(procedure, champ, form.cleaned_data["values"])
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _made(len(made)))
            return redirect("procedures:accompagnateur_list", procedure.pk)
    context |= {"form": form, "left": len(form.fields["values"].choices)}
    status = 422 if form.is_bound else 200
    return render(request, "procedures/groupe_wizard.html", context, status=status)


def procedure_or_404(request, pk) -> Procedure:
    """Return a procédure that this person administers."""
    mine = Procedure.objects.administered_by(request.user)
    return get_object_or_404(mine.select_related("published_revision"), pk=pk)


def _save_rule(groupe: Groupe, form: ConditionForm, *, is_removed: bool) -> list[str]:
    """Save the rule, or none; return what is wrong."""
    if not is_removed and not form.is_complete:
        return ["Complétez la règle."]
    try:
        groupes.set_rule(groupe, None if is_removed else form.condition)
    except ValidationError as error:
        return error.messages
    return []


def _rule_saved(groupe: Groupe) -> str:
    if groupe.rule is None:
        return f"« {groupe} » n’a plus de règle : aucun nouveau dossier n’y arrive de lui-même."
    return (
        "La règle est enregistrée : elle vaut dès maintenant pour les nouveaux dépôts. "
        "Pour les dossiers déjà déposés, appliquez les nouvelles règles."
    )


def _made(count: int) -> str:
    if not count:
        return "Chaque réponse avait déjà son groupe : rien n’a changé."
    said = "1 groupe créé" if count == 1 else f"{count} groupes créés"
    return f"{said}. Ajoutez maintenant leurs membres."


def _added(added: int, known: int) -> str:
    """Say how many members were added, and how many were there before."""
    if not added:
        return "Ces personnes étaient déjà membres du groupe : rien n’a changé."
    said = "1 membre ajouté." if added == 1 else f"{added} membres ajoutés."
    if known:
        said += " 1 l’était déjà." if known == 1 else f" {known} l’étaient déjà."
    return said
