"""The other pages of a dossier: what happened to it, its documents, all of it on paper."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from courriels.models import Courriel
from dossiers.adaptation import adapt_reponses
from dossiers.attestations import attestation_of
from dossiers.demande import sections_of
from dossiers.models import Dossier, MessageFile
from dossiers.workflow import courriel_reference
from instruction.annotations import annotations_context
from instruction.views.detail import dossier_url, linked_numbers, page_context
from instruction.views.retraits import say_withdrawn


@never_cache
@require_safe
@say_withdrawn
def history_list(request, pk):
    """Show what happened to a dossier, and the emails that left for it."""
    dossiers = Dossier.with_tests.examined_by(request.user).with_people().select_related("revision")
    dossier = get_object_or_404(dossiers, pk=pk)
    context = page_context(request, dossier, "historique") | {
        "entries": dossier.history.select_related("by"),
        "courriels": Courriel.objects.for_reference(courriel_reference(dossier.pk))
        .defer("body_html", "last_error")
        .order_by("-created_at", "-pk"),
    }
    return render(request, "instruction/history_list.html", context)


@never_cache
@require_safe
@say_withdrawn
def document_list(request, pk):
    """Show every file of a dossier: filed, sent with a message, made by TPS."""
    dossier = _with_demande(request.user, pk)
    context = page_context(request, dossier, "documents") | {
        "attestation": attestation_of(dossier),
        "decision_documents": dossier.documents_decision.order_by("pk"),
        "rows_with_files": [
            row for section in sections_of(dossier) for row in section.all_rows if row.files
        ],
        "message_files": MessageFile.objects.filter(message__dossier=dossier)
        .select_related("message")
        .order_by("pk"),
    }
    return render(request, "instruction/document_list.html", context)


@never_cache
@require_safe
@say_withdrawn
def dossier_print(request, pk):
    """Show a dossier laid out for paper, with its annotations privées where they are asked for."""
    dossier = _with_demande(request.user, pk)
    context = page_context(request, dossier, "imprimer")
    annotations = annotations_context(request.user, dossier)
    sections = sections_of(dossier)
    context |= {
        "sections": sections,
        "linked": linked_numbers(request.user, sections),
        "annotations": annotations,
        "with_annotations": bool(annotations) and request.GET.get("annotations") == "1",
        "entries": dossier.history.select_related("by"),
        "dossier_url": dossier_url(dossier, context["listing"]),
    }
    return render(request, "instruction/dossier_print.html", context)


def _with_demande(user, pk: int) -> Dossier:
    dossiers = Dossier.with_tests.examined_by(user).with_demande()
    return adapt_reponses(get_object_or_404(dossiers, pk=pk))
