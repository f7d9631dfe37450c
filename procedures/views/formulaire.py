"""The form builder: each view is one act, answered by the parts it changed, else by a redirect."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, ValidationError
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
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
from procedures.builder_page import Act, change_context, page_context
from procedures.essais import holds_link
from procedures.forms.champ import ApercuForm, ChampForm, FormulaireViergeForm
from procedures.models import FormulaireVierge, Procedure
from procedures.revisions import editable_revision

PANEL_ID = "proprietes"
_STEPS = {"haut": -1, "bas": 1}


@require_safe
@never_cache
def formulaire_edit(request, pk):
    """Show the builder; `?champ=` selects a champ."""
    procedure = _procedure_or_404(request, pk)
    revision = editable_revision(procedure)
    selected = revision.formulaire.by_id.get(request.GET.get("champ", ""))
    if request.htmx.target == PANEL_ID:
        if selected is None:
            raise Http404("Ce champ n’existe plus dans le formulaire.")
        edited = builder.Edited(revision, selected)
        return _parts(request, procedure, edited, Act(), focus="#propriete_label")
    context = page_context(procedure, revision, selected, search=request.GET.get("q", ""))
    return render(request, "procedures/formulaire_edit.html", context)


@require_safe
def formulaire_preview(request, pk):
    """Show the draft as an usager will see it."""
    procedure = _procedure_or_404(request, pk)
    formulaire = editable_revision(procedure).formulaire
    formulaires_vierges.attach(formulaire)
    context = {"procedure": procedure, "champs": formulaire.champs}
    context["apercu"] = ApercuForm(formulaire.champs)
    return render(request, "procedures/formulaire_preview.html", context)


@require_POST
def champ_add(request, pk):
    """Add a champ of the posted type after the selected one."""
    procedure = _procedure_or_404(request, pk)
    after = request.POST.get("selection")

    def act():
        return builder.add_champ(procedure, request.POST.get("type", ""), after=after)

    return _act(request, procedure, act, Act(came=True), "Champ ajouté.", "#propriete_label")


def champ_edit(request, pk, champ_id):
    """Save the properties of a champ; a GET leads to it in the builder."""
    procedure = _procedure_or_404(request, pk)
    revision = editable_revision(procedure)
    champ = revision.formulaire.by_id.get(champ_id)
    if champ is None:
        raise Http404("Ce champ n’existe plus dans le formulaire.")
    if request.method != "POST":
        return redirect(_url(procedure, champ))
    form = ChampForm(champ, request.POST)
    if not form.is_valid():
        return _refused(request, procedure, builder.Edited(revision, champ), champ_form=form)

    def act():
        return builder.update_champ(procedure, champ_id, form.cleaned_data)

    # What is being typed is not replaced, unless an error must go away.
    keeps_panel = "erreurs" not in request.POST
    return _act(request, procedure, act, Act(), "Modification faite.", keeps_panel=keeps_panel)


@require_POST
def champ_move(request, pk, champ_id):
    """Move a champ: `vers` one step up or down, or right after `apres` (empty: to the start)."""
    procedure = _procedure_or_404(request, pk)
    step, after = _STEPS.get(request.POST.get("vers")), request.POST.get("apres")
    if step is None and after is None:
        raise BadRequest("Indiquez où placer le champ.")

    def act():
        if step is not None:
            return builder.step_champ(procedure, champ_id, by=step)
        return builder.move_champ(procedure, champ_id, after=after or None)

    return _act(request, procedure, act, Act(moved=True), "Champ déplacé.")


@require_POST
def champ_duplicate(request, pk, champ_id):
    """Copy a champ right after itself."""
    procedure = _procedure_or_404(request, pk)

    def act():
        return builder.duplicate_champ(procedure, champ_id)

    return _act(request, procedure, act, Act(came=True), "Champ dupliqué.", "#propriete_label")


@require_POST
def champ_delete(request, pk, champ_id):
    """Take a champ out of the form; it can be put back."""
    procedure = _procedure_or_404(request, pk)

    def act():
        return builder.delete_champ(procedure, champ_id)

    said = "Champ supprimé. Vous pouvez annuler cette suppression."
    return _act(request, procedure, act, Act(removed=(champ_id,)), said, "#annuler-suppression")


@require_POST
def champ_restore(request, pk):
    """Put a deleted champ back where it stood."""
    procedure = _procedure_or_404(request, pk)
    champ_id = request.POST.get("champ") or None

    def act():
        return builder.undo_delete(procedure, champ_id)

    return _act(request, procedure, act, Act(came=True), "Champ rétabli.", "#propriete_label")


@require_POST
def formulaire_vierge_set(request, pk, champ_id):
    """Put a blank form beside a pièce jointe, in place of the former one."""
    procedure = _procedure_or_404(request, pk)
    revision = editable_revision(procedure)
    champ = revision.formulaire.by_id.get(champ_id)
    if champ is None or not champ.holds_files:
        raise Http404("Cette pièce jointe n’existe plus dans le formulaire.")
    form = FormulaireViergeForm(request.POST, request.FILES)
    if not form.is_valid():
        return _refused(request, procedure, builder.Edited(revision, champ), file_form=form)

    def act():
        return formulaires_vierges.set_for_champ(procedure, champ_id, form.cleaned_data["file"])

    return _act(request, procedure, act, Act(), "Modèle ajouté.", "#modele-actuel")


@require_POST
def formulaire_vierge_remove(request, pk, champ_id):
    """Leave a pièce jointe without blank form."""
    procedure = _procedure_or_404(request, pk)

    def act():
        return formulaires_vierges.remove_from_champ(procedure, champ_id)

    return _act(request, procedure, act, Act(), "Modèle retiré.", "#formulaire_vierge_file")


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


def _url(procedure, champ) -> str:
    url = reverse("procedures:formulaire_edit", args=[procedure.pk])
    return f"{url}?champ={champ.id}#champ-{champ.id}" if champ is not None else url


def _act(request, procedure, act, kind: Act, said: str, focus="", *, keeps_panel=False):
    """Carry out an act of the builder and answer with what it changed."""
    try:
        edited = act()
    except builder.ChampNotFound as error:
        raise Http404(str(error)) from error
    except builder.UnknownChampType as error:
        raise BadRequest(str(error)) from error
    except (builder.FormulaireIsFull, builder.NothingToUndo) as error:
        messages.error(request, str(error))
        to = _url(procedure, None)
        return HttpResponseClientRedirect(to) if request.htmx else redirect(to)
    except ValidationError as error:
        raise BadRequest("Ces propriétés ne vont pas à ce champ.") from error
    if not request.htmx:
        return redirect(_url(procedure, edited.champ))
    response = _parts(request, procedure, edited, kind, said=said, focus=focus)
    return reswap(response, "none") if keeps_panel else response


def _parts(request, procedure, edited: builder.Edited, kind: Act, *, said="", focus="", **forms):
    """Answer htmx with the panel, the state and the cards that changed."""
    selection = request.POST.get("selection") or request.GET.get("selection") or ""
    context = change_context(procedure, edited, kind, deselected=selection, **forms)
    response = render(request, "procedures/formulaire_change.html", context)
    if said:
        if kind.came or kind.moved:
            said += f" Position {context['position']} sur {context['champ_count']}."
        trigger_client_event(response, "tps:announce", {"value": f"{said} {context['saved']}."})
    if focus:
        trigger_client_event(response, "tps:focus", {"value": focus}, after="settle")
    return replace_url(response, _url(procedure, edited.champ))


def _refused(request, procedure, edited: builder.Edited, **forms):
    """Show what is wrong beside each field, what was typed kept."""
    if request.htmx:
        response = _parts(request, procedure, edited, Act(), **forms)
        trigger_client_event(response, "tps:announce", {"value": "Non enregistré : corrigez."})
    else:
        context = page_context(procedure, edited.revision, edited.champ, **forms)
        response = render(request, "procedures/formulaire_edit.html", context)
    response.status_code = 422
    return response
