"""Canned answers: which there are, and what they say of one dossier."""

from dossiers.balises import balise_values
from dossiers.models import Dossier
from instruction.models import ReponseType
from procedures.balises import Balise, balises_of, fill_balises
from procedures.formulaire import Formulaire
from procedures.models import Procedure

REPONSES_TYPES_MAX = 200
# What may be said of a brouillon: nothing that its usager answered.
_OF_BROUILLON = (
    "numero_dossier",
    "titre_procedure",
    "lien_dossier",
    "nom_service",
    "email_service",
)
# What only a decision makes known.
_OF_DECISION = ("motivation", "lien_attestation")


def offered_balises(procedure: Procedure) -> list[Balise]:
    """Return the balises that a canned answer of `procedure` may hold."""
    return balises_for(procedure, procedure.published_revision.formulaire)


def balises_for(procedure: Procedure, formulaire: Formulaire) -> list[Balise]:
    """Return the balises that a text written for a dossier of this form may hold."""
    return [item for item in balises_of(procedure, formulaire) if item.name not in _OF_DECISION]


def fill(reponse: ReponseType, dossier: Dossier) -> str:
    """Return what a canned answer says of a dossier; on a brouillon, nothing of its answers."""
    values = balise_values(dossier)
    if dossier.is_brouillon:
        values = {name: values[name] for name in _OF_BROUILLON} | {
            "nom_usager": dossier.usager.full_name or dossier.usager.email
        }
    return fill_balises(reponse.body, values)


def fill_text(text: str, dossier: Dossier) -> str:
    """Return a text typed by an accompagnateur with the values of one submitted dossier."""
    return fill_balises(text, balise_values(dossier)) if "{{" in text else text


def reponses_types_of(dossier: Dossier) -> list[ReponseType]:
    """Return those that may be inserted into the messagerie of a dossier."""
    mine = ReponseType.objects.filter(procedure_id=dossier.procedure_id)
    return list(mine.only("title")[:REPONSES_TYPES_MAX])
