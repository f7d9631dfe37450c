"""Demo procédure 3, an internal process: registering for a national examination."""

from procedures.champs import new_champ
from procedures.conditions import Condition, Ineligibilite, Operator, Regle
from procedures.enums import Demandeurs

PROCEDURE = {
    "title": "Pré-inscription à l’examen national d’aptitude à l’emploi de secrétaire général",
    "slug": "examen-secretaire-general",
    "demandeurs": Demandeurs.PARTICULIER,
    "retention_months": 24,
    "service_name": "APCMA – Direction des ressources humaines",
    "service_email": "examen-sg@apcma.exemple.fr",
    "service_phone": "01 44 43 10 00",
    "cadre_juridique": "Statut du personnel administratif des chambres de métiers et de l’artisanat",
    "description": """Cette pré-inscription est la première étape de l’**examen national d’aptitude à l’emploi de secrétaire général** d’une chambre de métiers et de l’artisanat.

## Conditions

- être agent d’une chambre depuis au moins **cinq ans**, ou justifier d’un diplôme de niveau 7 ;
- déposer ce dossier avant la date de clôture.

Les candidats admis à concourir reçoivent ensuite une convocation.""",
}


_SUFFICIENT_DIPLOMAS = ("Niveau 7 (master)", "Niveau 8 (doctorat)")


def _when(champ_id: str, operator: Operator, *values: str) -> Condition:
    return Condition(regles=[Regle(champ=champ_id, operator=operator, values=list(values))])


def _situation() -> list:
    """Return the section about the candidate."""
    return [
        new_champ("titre_de_section", id="secsituation", label="Votre situation"),
        new_champ("date", id="naissance", label="Date de naissance"),
        new_champ("texte_court", id="adresse", label="Adresse postale"),
        new_champ("telephone", id="tel", label="Téléphone"),
        new_champ(
            "choix_unique",
            id="chambre",
            label="Chambre de métiers et de l’artisanat",
            options=[
                "Auvergne-Rhône-Alpes",
                "Bourgogne-Franche-Comté",
                "Bretagne",
                "Centre-Val de Loire",
                "Corse",
                "Grand Est",
                "Hauts-de-France",
                "Île-de-France",
                "Normandie",
                "Nouvelle-Aquitaine",
                "Occitanie",
                "Pays de la Loire",
                "Provence-Alpes-Côte d’Azur",
                "Outre-mer",
                "Je ne suis pas agent d’une chambre",
            ],
        ),
        new_champ("texte_court", id="emploi", label="Emploi occupé"),
        new_champ(
            "nombre_entier",
            id="anciennete",
            label="Ancienneté dans le réseau, en années",
            help_text="Indiquez 0 si vous n’êtes pas agent d’une chambre.",
        ),
    ]


def _diplomes() -> list:
    """Return the section about the diplomas."""
    return [
        new_champ("titre_de_section", id="secdiplomes", label="Vos diplômes"),
        new_champ(
            "choix_unique",
            id="diplome",
            label="Diplôme le plus élevé",
            options=[
                "Niveau 4 (baccalauréat)",
                "Niveau 5 (bac + 2)",
                "Niveau 6 (licence)",
                "Niveau 7 (master)",
                "Niveau 8 (doctorat)",
            ],
        ),
        new_champ(
            "texte_court",
            id="specialite",
            label="Spécialité",
            required=False,
            condition=_when(
                "diplome", Operator.IS_ONE_OF, "Niveau 6 (licence)", *_SUFFICIENT_DIPLOMAS
            ),
        ),
    ]


def _epreuves() -> list:
    """Return the section about the examination."""
    return [
        new_champ("titre_de_section", id="secepreuves", label="Les épreuves"),
        new_champ(
            "choix_unique",
            id="option",
            label="Épreuve à option",
            options=["Droit public", "Gestion financière", "Ressources humaines"],
        ),
        new_champ("oui_non", id="amenagement", label="Demandez-vous un aménagement des épreuves ?"),
        new_champ(
            "texte_long",
            id="motifamenagement",
            label="Aménagement souhaité",
            help_text="Tiers-temps, accès en fauteuil, sujet en gros caractères…",
            condition=_when("amenagement", Operator.IS, "oui"),
        ),
        new_champ("texte_long", id="motivations", label="Vos motivations"),
    ]


def _pieces() -> list:
    """Return the section about the files."""
    return [
        new_champ("titre_de_section", id="secpieces", label="Pièces à joindre"),
        new_champ("piece_jointe", id="piececv", label="Curriculum vitæ"),
        new_champ("piece_jointe", id="piecediplome", label="Copie du diplôme"),
        new_champ(
            "case_a_cocher",
            id="reglement",
            label="J’ai lu et j’accepte le règlement de l’examen",
        ),
    ]


def champs(formulaire_vierge_ids: dict[str, int]) -> list:
    """Return the champs of the form; blank forms by name."""
    return [
        *_situation(),
        *_diplomes(),
        *_epreuves(),
        *_pieces(),
    ]


ANNOTATIONS = [
    new_champ("oui_non", id="piecesverifiees", label="Diplôme vérifié", required=False),
    new_champ("texte_long", id="noteinterne", label="Note interne", required=False),
]
INELIGIBILITES = [
    Ineligibilite(
        id="anciennete",
        condition=Condition(
            regles=[
                Regle(champ="anciennete", operator=Operator.LESS, values=["5"]),
                *(
                    Regle(champ="diplome", operator=Operator.IS_NOT, values=[diploma])
                    for diploma in _SUFFICIENT_DIPLOMAS
                ),
            ]
        ),
        message="L’examen demande cinq ans d’ancienneté dans le réseau, ou un diplôme de niveau 7 "
        "au moins.",
    )
]
FORMULAIRES_VIERGES: dict[str, str] = {}
PIECES = {"piececv": "Curriculum vitæ", "piecediplome": "Copie du diplôme"}


def reponses(fake, rank: int) -> dict:
    """Return believable stored answers."""
    return {
        "naissance": fake.date_of_birth(minimum_age=28, maximum_age=58).isoformat(),
        "adresse": fake.address().replace("\n", ", "),
        "tel": "+3361" + fake.numerify("#######"),
        "chambre": ["Bretagne", "Hauts-de-France", "Occitanie", "Île-de-France"][rank % 4],
        "emploi": ["Directrice des services", "Chargé de mission", "Responsable juridique"][
            rank % 3
        ],
        "anciennete": fake.random_int(5, 22),
        "diplome": "Niveau 7 (master)" if rank % 2 else "Niveau 6 (licence)",
        "specialite": "Droit des affaires" if rank % 2 else None,
        "option": ["Droit public", "Gestion financière", "Ressources humaines"][rank % 3],
        "amenagement": rank % 5 == 0,
        "motifamenagement": "Tiers-temps." if rank % 5 == 0 else None,
        "motivations": "Après plusieurs années auprès des artisans, je souhaite prendre la "
        "direction d’une chambre et conduire sa modernisation.",
        "reglement": True,
    }


MOTIVATIONS = {
    "accept": "Vous êtes admis à concourir. La convocation vous parviendra un mois avant les "
    "épreuves.",
    "close_sans_suite": "Votre candidature a été retirée à votre demande.",
    "reject": "L’ancienneté de cinq ans exigée n’est pas atteinte à la date de clôture et aucun "
    "diplôme de niveau 7 n’est produit.",
}
