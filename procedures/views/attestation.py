"""Pages where an administrateur writes the attestation of a procédure and sees it."""

from django.conf import settings
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django_ratelimit.core import is_ratelimited
from django_ratelimit.decorators import ratelimit

from commun.pdf import pdf_response
from procedures import attestations
from procedures.attestation_preview import preview_of
from procedures.forms.attestation import AttestationForm
from procedures.models import ModeleAttestation, Procedure
from procedures.passages import PASSAGES
from procedures.revisions import editable_revision

PREVIEW_RATE = "40/m"
PREVIEW_GROUP = "apercu-attestation"


def attestation_edit(request, pk):
    """Write the attestation; a POST with `apercu` answers its preview and saves nothing."""
    modele, balises = _modele_or_404(request, pk)
    is_own = (modele.title, modele.body) != attestations.default_text()
    is_preview = request.method == "POST" and "apercu" in request.POST
    form = AttestationForm(
        request.POST or None, request.FILES or None, instance=modele, balises=balises
    )
    if request.method == "POST" and not is_preview and form.is_valid():
        attestations.save_modele(modele.procedure, form.texts, form.images)
        messages.success(request, "L’attestation est enregistrée.")
        return redirect("procedures:attestation_edit", pk)
    images, refused = {}, []
    if request.method == "POST":
        _copy_typed(form, modele)
        images, refused = form.images, form.refused_images
    context = {"procedure": modele.procedure, "form": form, "balises": balises}
    context["preview"] = preview_of(
        modele, balises, is_limited=_is_limited(request), images=images, refused=refused
    )
    if is_preview and request.htmx:
        return render(request, "procedures/includes/attestation_preview.html", context)
    context |= {"is_own": is_own, "passages": PASSAGES}
    return render(request, "procedures/attestation_edit.html", context)


@ratelimit(group=PREVIEW_GROUP, key="user", rate=PREVIEW_RATE)
def attestation_pdf(request, pk):
    """Show the specimen as a PDF: the saved text, or the one being typed when it is posted."""
    modele, balises = _modele_or_404(request, pk)
    images = {}
    if request.method == "POST":
        form = AttestationForm(request.POST, request.FILES, instance=modele, balises=balises)
        _copy_typed(form, modele)
        images = form.images
    specimen = attestations.specimen_of(modele, balises, settings.SITE_URL, images)
    content = attestations.render_attestation(specimen)
    return pdf_response(content, "attestation-specimen.pdf", inline=True)


def attestation_reset(request, pk):
    """Return to the default text, after asking once."""
    modele, _ = _modele_or_404(request, pk)
    if request.method == "POST":
        attestations.return_to_default(modele.procedure)
        messages.success(request, "L’attestation a retrouvé son texte par défaut.")
        return redirect("procedures:attestation_edit", pk)
    return render(request, "procedures/attestation_reset.html", {"procedure": modele.procedure})


def _modele_or_404(request, pk: int) -> tuple[ModeleAttestation, list]:
    procedures = Procedure.objects.administered_by(request.user)
    procedure = get_object_or_404(
        procedures.select_related("organisme", "published_revision"), pk=pk
    )
    modele = attestations.modele_of(procedure)
    modele.procedure = procedure
    formulaire = editable_revision(procedure).formulaire
    return modele, attestations.balises_of_attestation(procedure, formulaire)


def _copy_typed(form: AttestationForm, modele: ModeleAttestation) -> None:
    """Show what was typed, valid or not, as long as it fits."""
    form.full_clean()  # it writes what is valid to the model: what was typed comes after
    for name in attestations.TEXTS:
        typed = form.data.get(name, "").replace("\x00", "")
        setattr(modele, name, typed[: ModeleAttestation._meta.get_field(name).max_length])


def _is_limited(request) -> bool:
    """Tell whether this person asked for too many previews this minute."""
    return is_ratelimited(
        request, group=PREVIEW_GROUP, key="user", rate=PREVIEW_RATE, increment=True
    )
