"""The documents of one of my dossiers: PDFs, files, emails."""

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_ratelimit.decorators import ratelimit

from commun.pdf import pdf_response
from courriels.models import Courriel
from dossiers.adaptation import adapt_reponses
from dossiers.attestation_depot import attestation_depot_filename, make_attestation_depot
from dossiers.attestations import attestation_of
from dossiers.avis_usager import courriel_reference
from dossiers.demande import sections_of
from dossiers.models import Dossier
from dossiers.recapitulatif import RATE, RATE_GROUP


@never_cache
@require_safe
def document_list(request, pk):
    """Show what may be kept of my dossier, and the emails that I was sent."""
    dossier = _dossier(request.user, pk)
    context = {
        "dossier": dossier,
        "tab": "documents",
        "rows_with_files": [
            row for section in sections_of(dossier) for row in section.all_rows if row.files
        ],
        "attestation": attestation_of(dossier),
        "courriels": Courriel.objects.for_reference(courriel_reference(pk))
        .filter(to_email=request.user.email)
        .defer("body_html", "last_error")
        .order_by("created_at", "pk"),
    }
    return render(request, "dossiers/document_list.html", context)


@require_safe
@ratelimit(group=RATE_GROUP, key="user", rate=RATE)
def attestation_depot(request, pk):
    """Give the attestation de dépôt of my dossier, once it is filed."""
    dossier = _dossier(request.user, pk)
    if dossier.is_brouillon:
        raise Http404
    return pdf_response(make_attestation_depot(dossier), attestation_depot_filename(dossier))


def _dossier(user, pk: int) -> Dossier:
    shared = Dossier.with_tests.filled_in_by(user).with_detail()
    return adapt_reponses(get_object_or_404(shared, pk=pk))
