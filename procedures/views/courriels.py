"""Pages where an administrateur writes the six emails of a procédure."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render

from procedures.balises import balises_of
from procedures.courriels import (
    courriels_of,
    customise,
    default_template,
    preview_of,
    return_to_default,
    template_of,
)
from procedures.enchainements import announcement, enchainement_of
from procedures.enums import COURRIEL_MOMENTS, CourrielEvent
from procedures.forms.courriel import CourrielForm
from procedures.models import Procedure
from procedures.passages import PASSAGES
from procedures.revisions import editable_revision


def courriel_list(request, pk):
    """List the six emails, each with the state of its text."""
    procedure = get_object_or_404(Procedure.objects.administered_by(request.user), pk=pk)
    context = {"procedure": procedure, "courriels": courriels_of(procedure)}
    return render(request, "procedures/courriel_list.html", context)


def courriel_edit(request, pk, event):
    """Write one email; a POST with `apercu` answers its preview and saves nothing."""
    procedure = get_object_or_404(Procedure.objects.administered_by(request.user), pk=pk)
    event = _event_or_404(event)
    balises = balises_of(procedure, editable_revision(procedure).formulaire)
    subject, body = template_of(procedure, event)
    initial = {"subject": subject, "body": body}
    form = CourrielForm(request.POST or None, initial=initial, balises=balises)
    is_preview = request.method == "POST" and "apercu" in request.POST
    if request.method == "POST" and not is_preview and form.is_valid():
        customise(procedure, event, **form.cleaned_data)
        messages.success(request, f"L’email « {event.label} » est enregistré.")
        return redirect("procedures:courriel_list", procedure.pk)
    typed = request.POST if request.method == "POST" else initial
    enchainement = enchainement_of(procedure)
    ending = announcement(enchainement, event) if enchainement else ""
    preview = preview_of(typed.get("subject", ""), typed.get("body", ""), balises, ending)
    context = {"procedure": procedure, "event": event, "form": form, "balises": balises}
    context |= {"preview": preview, "moment": COURRIEL_MOMENTS[event], "passages": PASSAGES}
    if is_preview and request.htmx:
        return render(request, "procedures/includes/courriel_preview.html", context)
    context["is_own"] = (subject, body) != default_template(event)
    return render(request, "procedures/courriel_edit.html", context)


def courriel_reset(request, pk, event):
    """Return to the default text, after asking once."""
    procedure = get_object_or_404(Procedure.objects.administered_by(request.user), pk=pk)
    event = _event_or_404(event)
    if request.method == "POST":
        return_to_default(procedure, event)
        messages.success(request, f"L’email « {event.label} » a retrouvé son texte par défaut.")
        return redirect("procedures:courriel_edit", procedure.pk, event)
    context = {"procedure": procedure, "event": event}
    return render(request, "procedures/courriel_reset.html", context)


def _event_or_404(event: str) -> CourrielEvent:
    if event not in CourrielEvent.values:
        raise Http404
    return CourrielEvent(event)
