"""The attestation of a dossier: given to its people, verified by anyone."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_ratelimit.decorators import ratelimit

from commun.limits import limit_visitors
from commun.pdf import pdf_response
from dossiers import attestations
from dossiers.models import Attestation, Dossier

# Many people may share an address; a number of 80 bits is not found at this pace.
VERIFY_RATE = "60/m"
TYPED_MAX = 100


@never_cache
@require_safe
def attestation_download(request, pk):
    """Give the PDF to those who may read the decision, or say that it is being made."""
    followed = Dossier.with_tests.followed_by(request.user)
    attestation = get_object_or_404(
        Attestation.objects.select_related("dossier__procedure"), dossier__in=followed, dossier=pk
    )
    if not attestation.is_made:
        context = {"attestation": attestation, "dossier": attestation.dossier}
        return render(request, "dossiers/attestation_wait.html", context)
    try:
        with attestation.file.open("rb") as file:
            content = file.read()
    except FileNotFoundError:
        raise Http404 from None
    return pdf_response(content, f"attestation-{pk}.pdf")


@login_not_required
@require_safe
@limit_visitors()
def attestation_search(request):
    """Ask for the number of an attestation and lead to its page."""
    typed = request.GET.get("numero", "").strip()[:TYPED_MAX]
    code = attestations.normalise(typed)
    if code is not None:
        return redirect("dossiers:attestation_verify", code)
    return _hidden(request, "dossiers/attestation_search.html", {"typed": typed})


@login_not_required
@require_safe
@ratelimit(group="verification", key="ip", rate=VERIFY_RATE)
def attestation_verify(request, code):
    """Say to anyone whether an attestation is authentic, and nothing that it does not print."""
    attestation = attestations.find(code)
    if attestation is None:
        context = {"typed": code[:TYPED_MAX], "is_unknown": True}
        return _hidden(request, "dossiers/attestation_search.html", context, status=404)
    context = {
        "attestation": attestation,
        "is_in_force": attestations.is_in_force(attestation),
        "holder": attestations.holder_shown(attestation.dossier),
    }
    return _hidden(request, "dossiers/attestation_verify.html", context)


def _hidden(request, template: str, context: dict, status: int = 200):
    """Render a page that search engines and caches leave alone."""
    response = render(request, template, context, status=status)
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Cache-Control"] = "no-store"
    return response
