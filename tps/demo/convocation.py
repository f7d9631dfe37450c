"""Demo procédure 4, offered to the candidates that procédure 3 admits."""

from procedures.champs import new_champ
from procedures.enums import Demandeurs, MomentEnchainement

PROCEDURE = {
    "title": "Convocation et pièces de l’examen de secrétaire général",
    "slug": "convocation-examen",
    "demandeurs": Demandeurs.PARTICULIER,
    "retention_months": 24,
    "service_name": "APCMA – Direction des ressources humaines",
    "service_email": "examen-sg@apcma.exemple.fr",
    "service_phone": "01 44 43 10 00",
    "cadre_juridique": "Statut du personnel administratif des chambres de métiers et de l’artisanat",
    "description": """Cette procédure suit la **pré-inscription** à l’examen : elle confirme où envoyer votre convocation et recueille les dernières pièces.""",
}
ENCHAINEMENT = {
    "moment": MomentEnchainement.A_L_ACCEPTATION,
    "text": "Vous êtes admis à concourir : confirmez vos coordonnées et joignez votre pièce "
    "d’identité pour recevoir votre convocation.",
}
ANNOTATIONS: list = []
INELIGIBILITES: list = []
FORMULAIRES_VIERGES: dict[str, str] = {}


def champs(formulaire_vierge_ids: dict[str, int]) -> list:
    """Return the champs of the form; those of the procédure before keep their labels."""
    return [
        new_champ("titre_de_section", id="seccoordonnees", label="Votre convocation"),
        new_champ("date", id="naissance", label="Date de naissance"),
        new_champ("texte_court", id="adresse", label="Adresse postale"),
        new_champ("telephone", id="tel", label="Téléphone"),
        new_champ("texte_court", id="epreuve", label="Épreuve à option"),
        new_champ("titre_de_section", id="secpieces", label="Pièces à joindre"),
        new_champ("piece_jointe", id="identite", label="Pièce d’identité"),
    ]
