"""The values of balises for one dossier."""

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from dossiers.contact import contact_of, groupe_name
from dossiers.enums import DossierState
from dossiers.models import Attestation, Dossier
from entreprise_api.siret import format_siret
from procedures.balises import CHAMP_PREFIX


def balise_values(dossier: Dossier, *, motivation: str | None = None) -> dict[str, str]:
    """Return the value of every balise; `motivation` stands for one not yet saved."""
    procedure, etablissement = dossier.procedure, dossier.etablissement
    values = {
        "numero_dossier": str(dossier.pk),
        "titre_procedure": procedure.title,
        "nom_usager": dossier.personne_name or dossier.usager.full_name or dossier.usager.email,
        "civilite_usager": dossier.civilite,
        "nom_entreprise": _company_name(etablissement),
        "siret_entreprise": format_siret(etablissement.siret) if etablissement else "",
        "date_depot": _day(dossier.submitted_at),
        "date_passage_en_instruction": _day(dossier.instruction_started_at),
        "date_decision": _day(dossier.decided_at),
        "motivation": dossier.motivation if motivation is None else motivation,
        "lien_dossier": f"{settings.SITE_URL}{dossier.get_absolute_url()}",
        "lien_attestation": attestation_url(dossier) if _has_attestation(dossier) else "",
        "nom_service": procedure.service_name or procedure.organisme.name,
        "email_service": contact_of(dossier).email,
        "groupe": groupe_name(dossier),
    }
    for champ in dossier.questionnaire.visible:
        if champ.holds_answer:
            values[f"{CHAMP_PREFIX}{champ.id}"] = champ.display(dossier.reponses.get(champ.id))
    return values


def attestation_url(dossier: Dossier) -> str:
    """Return the whole address at which the usager finds the attestation."""
    return settings.SITE_URL + reverse("dossiers:attestation_download", args=[dossier.pk])


def _has_attestation(dossier: Dossier) -> bool:
    """Tell whether one was issued; asks nothing of the database before the acceptance."""
    is_accepted = dossier.state == DossierState.ACCEPTE
    return is_accepted and Attestation.objects.filter(dossier=dossier).exists()


def _company_name(etablissement) -> str:
    """Return the name an usager may be shown back: none for a company that asked not to be."""
    if etablissement is None or etablissement.is_protected:
        return ""
    return etablissement.name


def _day(moment) -> str:
    return date_format(timezone.localtime(moment), "d/m/Y") if moment else ""
