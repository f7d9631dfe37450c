"""Pages that publish a procédure, throw its changes away, close it and open it again."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render

from procedures.accompagnateurs import count_people
from procedures.dates import close, reopen
from procedures.effets import effect_in_words, effets_of
from procedures.forms.dates import ReopenForm
from procedures.groupes import problems_at_publication
from procedures.models import Procedure
from procedures.publication import missing_before_publication, publish
from procedures.revisions import discard_draft, editable_revision, unpublished_changes


def procedure_publish(request, pk):
    """Show what is missing or what will change; a POST publishes."""
    procedure = get_object_or_404(Procedure.objects.administered_by(request.user), pk=pk)
    if request.method == "POST":
        is_change = procedure.was_published
        try:
            publish(procedure, by=request.user)
        except ValidationError:
            messages.error(request, "La publication attend : il reste des points à régler.")
            return redirect("procedures:procedure_publish", procedure.pk)
        done = "Les modifications sont publiées." if is_change else "La procédure est publiée."
        messages.success(request, done)
        procedure.refresh_from_db(fields=["published_revision"])
        # What remains to do with the dossiers already en construction is on this page.
        is_done = not effets_of(procedure).to_update
        page = "procedure_detail" if is_done else "procedure_publish"
        return redirect(f"procedures:{page}", procedure.pk)
    changes = unpublished_changes(procedure)
    context = {
        "procedure": procedure,
        "missing": missing_before_publication(procedure),
        "changes": [(change, effect_in_words(change)) for change in changes],
        "effets": effets_of(procedure) if procedure.was_published else None,
        "formulaire": editable_revision(procedure).formulaire,
        "accompagnateurs_count": count_people(procedure),
        "routing_problems": problems_at_publication(
            procedure, editable_revision(procedure).formulaire
        ),
    }
    return render(request, "procedures/procedure_publish.html", context)


def draft_discard(request, pk):
    """Throw the unpublished changes away, after asking once."""
    procedure = get_object_or_404(Procedure.objects.administered_by(request.user), pk=pk)
    if request.method == "POST":
        discard_draft(procedure)
        messages.success(request, "Les modifications non publiées sont jetées.")
        return redirect("procedures:procedure_detail", procedure.pk)
    context = {"procedure": procedure, "changes_count": len(unpublished_changes(procedure))}
    return render(request, "procedures/draft_discard.html", context)


def procedure_close(request, pk):
    """Refuse new dossiers, after asking once."""
    procedure = get_object_or_404(Procedure.objects.administered_by(request.user), pk=pk)
    if request.method == "POST":
        if close(procedure):
            messages.success(request, "La procédure est close : plus aucun dossier n’y entre.")
        return redirect("procedures:procedure_detail", procedure.pk)
    return render(request, "procedures/procedure_close.html", {"procedure": procedure})


def procedure_reopen(request, pk):
    """Accept new dossiers again, after asking once, until a new date where the last is past."""
    procedure = get_object_or_404(Procedure.objects.administered_by(request.user), pk=pk)
    form = ReopenForm(request.POST if request.method == "POST" else None, procedure=procedure)
    if request.method == "POST" and form.is_valid():
        if reopen(procedure, by=request.user, closes_at=form.cleaned_data["closes_at"]):
            messages.success(request, "La procédure accepte de nouveau des dossiers.")
        return redirect("procedures:procedure_detail", procedure.pk)
    context = {"procedure": procedure, "form": form}
    return render(request, "procedures/procedure_reopen.html", context)
