"""The values of balises for one dossier."""

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format

from dossiers.models import Dossier
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
        "nom_service": procedure.service_name or procedure.organisme.name,
        "email_service": procedure.service_email,
    }
    for champ in dossier.questionnaire.visible:
        if champ.holds_answer:
            values[f"{CHAMP_PREFIX}{champ.id}"] = champ.display(dossier.reponses.get(champ.id))
    return values


def _company_name(etablissement) -> str:
    """Return the name an usager may be shown back: none for a company that asked not to be."""
    if etablissement is None or etablissement.is_protected:
        return ""
    return etablissement.name


def _day(moment) -> str:
    return date_format(timezone.localtime(moment), "d/m/Y") if moment else ""
