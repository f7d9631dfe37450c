"""Demo procédure 1, an authorisation: the register of road transport professionals."""

from procedures.champs import new_champ
from procedures.enums import Demandeurs

PROCEDURE = {
    "title": "Inscription au registre des professionnels du transport routier",
    "slug": "registre-transport-routier",
    "demandeurs": Demandeurs.ENTREPRISE,
    "retention_months": 36,
    "service_name": "DRIEA Île-de-France – Unité registre des transports",
    "service_email": "registre-transports@driea.exemple.fr",
    "service_phone": "01 40 61 80 80",
    "service_hours": "Du lundi au vendredi, de 9 h 30 à 11 h 30",
    "service_address": "21-23 rue Miollis\n75732 Paris Cedex 15",
    "dpo_contact": "dpo@driea.exemple.fr",
    "is_modele": True,
    "cadre_juridique": "Articles L. 3211-1 et R. 3211-7 du code des transports : https://www.legifrance.gouv.fr/codes/texte_lc/LEGITEXT000023086525/",
    "description": """Toute entreprise qui transporte des marchandises ou des voyageurs pour le compte d’autrui doit être inscrite au **registre électronique national des entreprises de transport par route** avant de commencer son activité.

## À qui s’adresse cette procédure ?

Aux entreprises dont le siège est situé en Île-de-France. Le SIRET suffit : les informations de l’entreprise sont récupérées automatiquement.

## Ce qui est vérifié

- l’**établissement** : un siège réel en Île-de-France ;
- l’**honorabilité** de l’entreprise et de son gestionnaire de transport ;
- la **capacité financière** : 9 000 € pour le premier véhicule de plus de 3,5 tonnes, 5 000 € pour chacun des suivants ;
- la **capacité professionnelle** du gestionnaire de transport.

Les textes applicables sont sur https://www.ecologie.gouv.fr. L’instruction dure en général moins de trois mois.""",
}

ATTESTATION = {
    "title": "Attestation d’inscription au registre des transports",
    "body": """L’entreprise désignée ci-dessous est inscrite au **registre électronique national des entreprises de transport par route**, en application de l’article R. 3211-9 du code des transports.

[si nom_entreprise n’est pas vide]
- Entreprise : **{{ nom_entreprise }}**
[fin]
- SIRET : **{{ siret_entreprise }}**
- Activité : {{ champ_typetransport }}
- Gestionnaire de transport : {{ champ_gestnom }}
- Véhicules de plus de 3,5 tonnes : {{ champ_vehiculeslourds }}

[si champ_typetransport = Voyageurs]
Cette inscription vaut pour le **transport public de personnes**. Une copie de ce document se trouve à bord de chaque véhicule.
[sinon]
Une copie de ce document se trouve à bord de chaque véhicule.
[fin]

Dossier nº {{ numero_dossier }}, instruit par {{ nom_service }}.""",
    "signatory_name": "Dominique Laurent",
    "signatory_title": "Pour le préfet, la responsable de l’unité régionale du registre des transports",
    "footer": "DRIEA Île-de-France – 21-23 rue Miollis, 75732 Paris Cedex 15",
}


def _activite() -> list:
    """Return the section about the activity."""
    return [
        new_champ("titre_de_section", id="secactivite", label="Votre activité"),
        new_champ(
            "choix_unique",
            id="typetransport",
            label="Type de transport",
            options=["Marchandises", "Voyageurs", "Déménagement", "Commissionnaire de transport"],
        ),
        new_champ(
            "choix_multiple",
            id="zones",
            label="Zones desservies",
            options=[
                "Île-de-France",
                "France entière",
                "Union européenne",
                "Hors Union européenne",
            ],
        ),
        new_champ(
            "nombre_entier",
            id="vehiculeslourds",
            label="Nombre de véhicules de plus de 3,5 tonnes",
            help_text="Véhicules en propriété, en location longue durée ou en crédit-bail.",
        ),
        new_champ(
            "nombre_entier",
            id="vehiculeslegers",
            label="Nombre de véhicules de 3,5 tonnes ou moins",
            required=False,
        ),
        new_champ(
            "date", id="datedebut", label="Date envisagée du début d’activité", required=False
        ),
    ]


def _gestionnaire() -> list:
    """Return the section about the manager."""
    return [
        new_champ("titre_de_section", id="secgestionnaire", label="Le gestionnaire de transport"),
        new_champ(
            "paragraphe",
            id="paragestion",
            label="Qui est le gestionnaire de transport ?",
            text="La personne qui dirige **effectivement et en permanence** l’activité de "
            "transport. Elle réside dans l’Union européenne et détient l’attestation de capacité. "
            "En savoir plus : https://entreprendre.service-public.fr",
        ),
        new_champ("texte_court", id="gestnom", label="Nom et prénom du gestionnaire"),
        new_champ("adresse_email", id="gestemail", label="Adresse email du gestionnaire"),
        new_champ("telephone", id="gesttel", label="Téléphone du gestionnaire"),
        new_champ(
            "oui_non",
            id="gestsalarie",
            label="Le gestionnaire est-il salarié de l’entreprise ?",
        ),
        new_champ(
            "siret",
            id="gestsiret",
            label="SIRET du prestataire, si le gestionnaire est extérieur à l’entreprise",
            required=False,
        ),
    ]


def _finance() -> list:
    """Return the section about the finances."""
    return [
        new_champ("titre_de_section", id="secfinance", label="Capacité financière"),
        new_champ(
            "nombre_decimal",
            id="capitaux",
            label="Capitaux propres au dernier bilan, en euros",
        ),
        new_champ(
            "texte_long",
            id="garanties",
            label="Garanties complémentaires",
            help_text="Si les capitaux propres ne suffisent pas : cautions, assurances…",
            required=False,
        ),
    ]


def _pieces(formulaire_vierge_ids: dict[str, int]) -> list:
    """Return the section about the files."""
    return [
        new_champ("titre_de_section", id="secpieces", label="Pièces à joindre"),
        new_champ(
            "piece_jointe",
            id="pieceattest",
            label="Attestation de capacité professionnelle",
            help_text="Attestation du gestionnaire de transport, recto et verso.",
        ),
        new_champ(
            "piece_jointe",
            id="piecefinance",
            label="Attestation de capacité financière",
            help_text="Remplie et signée par l’expert-comptable.",
            formulaire_vierge_id=formulaire_vierge_ids["capacite-financiere"],
        ),
        new_champ(
            "piece_jointe",
            id="piecehonneur",
            label="Déclaration d’honorabilité",
            formulaire_vierge_id=formulaire_vierge_ids["honorabilite"],
        ),
        new_champ(
            "piece_jointe", id="piecebail", label="Bail ou titre de propriété", required=False
        ),
        new_champ(
            "case_a_cocher",
            id="certifie",
            label="Je certifie l’exactitude des informations de ce dossier",
        ),
    ]


def champs(formulaire_vierge_ids: dict[str, int]) -> list:
    """Return the champs of the form; blank forms by name."""
    return [
        *_activite(),
        *_gestionnaire(),
        *_finance(),
        *_pieces(formulaire_vierge_ids),
    ]


ANNOTATIONS = [
    new_champ("case_a_cocher", id="capaciteverifiee", label="Capacité vérifiée", required=False),
    new_champ("date", id="controleprevu", label="Contrôle sur place prévu le", required=False),
]
INELIGIBILITES: list = []
FORMULAIRES_VIERGES = {
    "capacite-financiere": "Attestation de capacité financière",
    "honorabilite": "Déclaration d’honorabilité",
}
PIECES = {
    "pieceattest": "Attestation de capacité professionnelle",
    "piecefinance": "Attestation de capacité financière",
    "piecehonneur": "Déclaration d’honorabilité",
}


def reponses(fake, rank: int) -> dict:
    """Return believable stored answers."""
    lourds = fake.random_int(1, 30)
    return {
        "typetransport": ["Marchandises", "Voyageurs", "Déménagement"][rank % 3],
        "zones": ["Île-de-France", "France entière"][: 1 + rank % 2],
        "vehiculeslourds": lourds,
        "vehiculeslegers": fake.random_int(0, 12),
        "datedebut": fake.date_between("-30d", "+90d").isoformat(),
        "gestnom": fake.name(),
        "gestemail": fake.safe_email(),
        "gesttel": "+3361" + fake.numerify("#######"),
        "gestsalarie": rank % 4 != 0,
        "capitaux": f"{9000 + 5000 * (lourds - 1) + fake.random_int(0, 40000)}.50",
        "garanties": "Caution bancaire de 10 000 €." if rank % 3 == 0 else None,
        "certifie": True,
    }


MOTIVATIONS = {
    "accept": "Les conditions d’établissement, d’honorabilité, de capacité financière et "
    "professionnelle sont remplies. L’entreprise est inscrite au registre.",
    "close_sans_suite": "L’entreprise a demandé le retrait de sa demande le jour même.",
    "reject": "La capacité financière déclarée est inférieure au montant exigé par l’article "
    "R. 3211-35 du code des transports. Une nouvelle demande peut être déposée.",
}
