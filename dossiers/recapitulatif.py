"""The récapitulatif: a whole dossier in one PDF, to keep or to print."""

from django.utils import timezone

from commun.pdf import render_pdf
from dossiers.completeness import sections_of
from dossiers.models import Dossier
from dossiers.timeline import steps_of

RATE = "20/m"
RATE_GROUP = "recapitulatif"


def make_recapitulatif(dossier: Dossier, *, is_public: bool) -> bytes:
    """Return the PDF of a dossier fetched `with_detail()`.

    `is_public`: for its usager, who is not shown what a company asked not to publish; else for
    those who instruct it, who see everything.
    """
    sections = [section for section in sections_of(dossier) if section.asked]
    context = {
        "dossier": dossier,
        "is_public": is_public,
        "steps": [step for step in steps_of(dossier) if step.at],
        "demandeur_name": dossier.demandeur_public_name if is_public else dossier.demandeur_name,
        "demandeur_rows": demandeur_rows(dossier, is_public=is_public),
        "sections": sections,
        "rows_with_files": [row for section in sections for row in section.asked if row.files],
        "edited_at": timezone.now(),
    }
    return render_pdf("dossiers/pdf/recapitulatif.html", context)


def demandeur_rows(dossier: Dossier, *, is_public: bool) -> list[tuple[str, str]]:
    """Return the (label, value) pairs that say who applies."""
    etablissement, usager = dossier.etablissement, dossier.usager
    rows = []
    if etablissement is not None:
        rows += etablissement.public_rows() if is_public else etablissement.full_rows()
    if dossier.personne_name and (etablissement is None or not is_public):
        label = "Identité" if etablissement is None else "Représentant"
        rows.append((label, f"{dossier.get_civilite_display()} {dossier.personne_name}".strip()))
    account = usager.email
    if not is_public and usager.full_name:
        account = f"{usager.full_name}, {usager.email}"
    return [*rows, ("Compte de l’usager", account)]


def recapitulatif_filename(dossier: Dossier) -> str:
    """Return the name under which the PDF is saved."""
    return f"dossier-{dossier.pk}.pdf"
