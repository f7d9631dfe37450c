"""The form builder: each view is one act, answered by the parts it changed, else by a redirect."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, ValidationError
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import (
    HttpResponseClientRedirect,
    replace_url,
    reswap,
    trigger_client_event,
)

from commun.limits import limit_visitors
from procedures import builder, formulaires_vierges, policies
from procedures.builder_page import change_context, page_context, preview_rows
from procedures.essais import holds_link
from procedures.forms.champ import ApercuForm, ChampForm, FormulaireViergeForm
from procedures.forms.condition import ConditionForm
from procedures.models import FormulaireVierge, Procedure
from procedures.part import CHAMPS, Part
from procedures.questionnaire import Questionnaire, preview_reponses
from procedures.revisions import editable_revision

PANEL_ID = "proprietes"
PANEL = "procedures/includes/champ_panel.html"
CONDITION = "procedures/includes/condition.html"
_STEPS = {"haut": -1, "bas": 1}


@require_safe
@never_cache
def formulaire_edit(request, pk, part=CHAMPS):
    """Show the builder; `?champ=` selects a champ."""
    procedure = _procedure_or_404(request, pk)
    revision = editable_revision(procedure)
    formulaire = part.of(revision.formulaire)
    selected = formulaire.by_id.get(request.GET.get("champ", ""))
    if request.htmx.target == PANEL_ID:
        if selected is None:
            raise Http404("Ce champ n’existe plus dans le formulaire.")
        edited = builder.Edited(revision, selected, part, formulaire)
        return _parts(request, procedure, edited, focus="#propriete_label")
    context = page_context(procedure, revision, part, selected, search=request.GET.get("q", ""))
    return render(request, "procedures/formulaire_edit.html", context)


@require_safe
def formulaire_preview(request, pk, part=CHAMPS):
    """Show the draft as it will be filled in, its conditions at work."""
    procedure = _procedure_or_404(request, pk)
    formulaire = part.of(editable_revision(procedure).formulaire)
    formulaires_vierges.attach(formulaire)
    questionnaire = Questionnaire(formulaire, preview_reponses(formulaire))
    context = {
        "procedure": procedure,
        "part": part,
        "minutes": formulaire.minutes,
        "rows": preview_rows(questionnaire),
        "apercu": ApercuForm(questionnaire.champs),
    }
    return render(request, "procedures/formulaire_preview.html", context)


@require_POST
def champ_add(request, pk, part=CHAMPS):
    """Add a champ of the posted type after the selected one."""
    procedure = _procedure_or_404(request, pk)
    after = request.POST.get("selection")

    def act():
        return builder.add_champ(procedure, request.POST.get("type", ""), after=after, part=part)

    return _act(request, procedure, part, act, "Champ ajouté.", "#propriete_label", placed=True)


def champ_edit(request, pk, champ_id, part=CHAMPS):
    """Save the properties of a champ; a GET leads to it in the builder."""
    procedure = _procedure_or_404(request, pk)
    edited = _edited_or_404(procedure, champ_id, part)
    if request.method != "POST":
        return redirect(part.champ_url(procedure, edited.champ))
    form = ChampForm(edited.champ, request.POST, is_private=part.is_private)
    if not form.is_valid():
        return _refused(request, procedure, edited, champ_form=form)

    def act():
        return builder.update_champ(procedure, champ_id, form.cleaned_data, part=part)

    # What is being typed is not replaced, unless an error must go away.
    keeps_panel = "erreurs" not in request.POST
    return _act(request, procedure, part, act, "Modification faite.", keeps_panel=keeps_panel)


@require_POST
def champ_condition(request, pk, champ_id, part=CHAMPS):
    """Save when a champ is shown, once the sentence is complete; else show it as it is."""
    procedure = _procedure_or_404(request, pk)
    edited = _edited_or_404(procedure, champ_id, part)
    form = ConditionForm(edited.formulaire, edited.champ, data=request.POST)
    said = "Règle retirée." if "retirer" in request.POST else "Condition à compléter."
    if form.is_complete:
        try:
            edited = builder.set_condition(procedure, champ_id, form.condition, part=part)
        except builder.ChampNotFound as error:
            raise Http404(str(error)) from error
        except ValidationError:  # someone else changed the form meanwhile
            form = ConditionForm(
                part.of(editable_revision(procedure).formulaire), edited.champ, data=request.POST
            )
        else:
            said = "Condition enregistrée."
            if not request.htmx and "ajouter" not in request.POST:
                return redirect(part.champ_url(procedure, edited.champ))
    if request.htmx:
        focus = f"#regle-{len(form.rows) - 1}-champ" if "ajouter" in request.POST else ""
        focus = "#ajouter-une-regle" if "retirer" in request.POST else focus
        return _parts(
            request, procedure, edited, said=said, focus=focus, main=CONDITION, condition_form=form
        )
    context = page_context(procedure, edited.revision, part, edited.champ, condition_form=form)
    status = 422 if form.has_problem else 200
    return render(request, "procedures/formulaire_edit.html", context, status=status)


@require_POST
def champ_move(request, pk, champ_id, part=CHAMPS):
    """Move a champ: `vers` one step up or down, or right after `apres` (empty: to the start)."""
    procedure = _procedure_or_404(request, pk)
    step, after = _STEPS.get(request.POST.get("vers")), request.POST.get("apres")
    if step is None and after is None:
        raise BadRequest("Indiquez où placer le champ.")

    def act():
        if step is not None:
            return builder.step_champ(procedure, champ_id, by=step, part=part)
        return builder.move_champ(procedure, champ_id, after=after or None, part=part)

    return _act(request, procedure, part, act, "Champ déplacé.", placed=True)


@require_POST
def champ_duplicate(request, pk, champ_id, part=CHAMPS):
    """Copy a champ right after itself."""
    procedure = _procedure_or_404(request, pk)

    def act():
        return builder.duplicate_champ(procedure, champ_id, part=part)

    return _act(request, procedure, part, act, "Champ dupliqué.", "#propriete_label", placed=True)


@require_POST
def champ_delete(request, pk, champ_id, part=CHAMPS):
    """Take a champ out of the form; it can be put back."""
    procedure = _procedure_or_404(request, pk)

    def act():
        return builder.delete_champ(procedure, champ_id, part=part)

    said = "Champ supprimé. Vous pouvez annuler cette suppression."
    return _act(request, procedure, part, act, said, "#annuler")


@require_POST
def champ_restore(request, pk, part=CHAMPS):
    """Put back what was deleted, or take away an `insertion`: `champ` names one of its champs."""
    procedure = _procedure_or_404(request, pk)
    champ_id = request.POST.get("champ") or None
    if "insertion" in request.POST:
        said = "Insertion annulée. Vous pouvez rétablir ces champs."
        return _act(
            request,
            procedure,
            part,
            lambda: builder.undo_insert(procedure, champ_id, part=part),
            said,
            "#annuler",
        )

    def act():
        return builder.undo_delete(procedure, champ_id, part=part)

    return _act(request, procedure, part, act, "Champ rétabli.", "#propriete_label", placed=True)


@require_POST
def formulaire_vierge_set(request, pk, champ_id):
    """Put a blank form beside a pièce jointe, in place of the former one."""
    procedure = _procedure_or_404(request, pk)
    edited = _edited_or_404(procedure, champ_id, CHAMPS)
    if not edited.champ.holds_files:
        raise Http404("Cette pièce jointe n’existe plus dans le formulaire.")
    form = FormulaireViergeForm(request.POST, request.FILES)
    if not form.is_valid():
        return _refused(request, procedure, edited, file_form=form)

    def act():
        return formulaires_vierges.set_for_champ(procedure, champ_id, form.cleaned_data["file"])

    return _act(request, procedure, CHAMPS, act, "Modèle ajouté.", "#modele-actuel")


@require_POST
def formulaire_vierge_remove(request, pk, champ_id):
    """Leave a pièce jointe without blank form."""
    procedure = _procedure_or_404(request, pk)

    def act():
        return formulaires_vierges.remove_from_champ(procedure, champ_id)

    return _act(request, procedure, CHAMPS, act, "Modèle retiré.", "#formulaire_vierge_file")


@require_safe
@login_not_required
@limit_visitors()
def formulaire_vierge_download(request, pk):
    """Give a blank form: to anyone once it is published, else to those who design or try it."""
    vierge = get_object_or_404(FormulaireVierge.objects.select_related("procedure"), pk=pk)
    if not (
        formulaires_vierges.is_public(vierge)
        or holds_link(request.session, vierge.procedure)
        or (
            request.user.is_authenticated
            and policies.can_administer(request.user, vierge.procedure)
        )
    ):
        raise Http404
    try:
        file = vierge.file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(
        file, as_attachment=True, filename=vierge.name, content_type=vierge.content_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _procedure_or_404(request, pk) -> Procedure:
    return get_object_or_404(
        Procedure.objects.administered_by(request.user).select_related("published_revision"), pk=pk
    )


def _edited_or_404(procedure: Procedure, champ_id: str, part: Part) -> builder.Edited:
    """Return the form as it is, with the champ that an act names."""
    revision = editable_revision(procedure)
    formulaire = part.of(revision.formulaire)
    champ = formulaire.by_id.get(champ_id)
    if champ is None:
        raise Http404("Ce champ n’existe plus dans le formulaire.")
    return builder.Edited(revision, champ, part, formulaire)


def _act(
    request, procedure, part: Part, act, said: str, focus="", *, placed=False, keeps_panel=False
):
    """Carry out an act of the builder and answer with what it changed."""
    try:
        edited = act()
    except builder.ChampNotFound as error:
        raise Http404(str(error)) from error
    except builder.UnknownChampType as error:
        raise BadRequest(str(error)) from error
    except (builder.FormulaireIsFull, builder.NothingToUndo) as error:
        messages.error(request, str(error))
        to = part.champ_url(procedure, None)
        return HttpResponseClientRedirect(to) if request.htmx else redirect(to)
    except ValidationError as error:
        raise BadRequest("Ces propriétés ne vont pas à ce champ.") from error
    if not request.htmx:
        return redirect(part.champ_url(procedure, edited.champ))
    response = _parts(request, procedure, edited, said=said, focus=focus, placed=placed)
    return reswap(response, "none") if keeps_panel else response


def _parts(
    request,
    procedure,
    edited: builder.Edited,
    *,
    said="",
    focus="",
    placed=False,
    main=PANEL,
    **forms,
):
    """Answer htmx with the `main` part, the state and the cards that changed."""
    selection = request.POST.get("selection") or request.GET.get("selection") or ""
    context = change_context(procedure, edited, deselected=selection, **forms)
    context["main"] = main
    response = render(request, "procedures/formulaire_change.html", context)
    if said:
        if placed:
            said += f" Position {context['position']} sur {context['champ_count']}."
        said += f" {context['saved']}."
        if context["broken"]:
            names = ", ".join(f"« {champ.label} »" for champ in context["broken"])
            said += f" Attention, la condition de {names} ne tient plus."
        trigger_client_event(response, "tps:announce", {"value": said})
    if focus:
        trigger_client_event(response, "tps:focus", {"value": focus}, after="settle")
    return replace_url(response, edited.part.champ_url(procedure, edited.champ))


def _refused(request, procedure, edited: builder.Edited, **forms):
    """Show what is wrong beside each field, what was typed kept."""
    if request.htmx:
        response = _parts(request, procedure, edited, **forms)
        trigger_client_event(response, "tps:announce", {"value": "Non enregistré : corrigez."})
    else:
        context = page_context(procedure, edited.revision, edited.part, edited.champ, **forms)
        response = render(request, "procedures/formulaire_edit.html", context)
    response.status_code = 422
    return response
