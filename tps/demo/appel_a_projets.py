"""Demo procédure 2, a call for projects: urban policy in the Nord."""

from procedures.champs import new_champ
from procedures.conditions import Condition, Ineligibilite, Operator, Regle
from procedures.enums import Demandeurs

PROCEDURE = {
    "title": "Appel à projets politique de la ville",
    "slug": "appel-a-projets-politique-de-la-ville",
    "thanks_text": "Merci pour votre projet. Le comité de pilotage l’examinera **dans le mois qui suit la clôture** ; gardez vos devis, ils pourront vous être demandés.",
    "closing_text": "L’appel à projets est terminé. Le prochain ouvrira à l’automne : d’ici là, écrivez à politique-ville@nord.exemple.fr.",
    "demandeurs": Demandeurs.TOUS,
    "retention_months": 60,
    "service_name": "Préfecture du Nord – Délégation à la politique de la ville",
    "service_email": "politique-ville@nord.exemple.fr",
    "service_phone": "03 20 30 59 59",
    "is_modele": True,
    "cadre_juridique": "Loi nº 2014-173 du 21 février 2014 de programmation pour la ville et la cohésion urbaine",
    "description": """La préfecture du Nord soutient les **associations et les entreprises** qui agissent pour les habitants des quartiers prioritaires.

## Les axes de cette année

1. l’emploi et le développement économique ;
2. l’éducation et la petite enfance ;
3. le cadre de vie ;
4. le lien social et l’accès aux droits.

## Calendrier

Les projets se déroulent entre janvier et décembre 2027. Une question ? Écrivez à politique-ville@nord.exemple.fr.""",
}

# When it closes and passes its dossiers en instruction, so that the countdown shows.
CLOSES_IN_DAYS = 12

AXES = [
    "Emploi et développement économique",
    "Éducation et petite enfance",
    "Cadre de vie",
    "Lien social et accès aux droits",
]


def _when(champ_id: str, operator: Operator, *values: str) -> Condition:
    return Condition(regles=[Regle(champ=champ_id, operator=operator, values=list(values))])


def _projet() -> list:
    """Return the section about the project."""
    return [
        new_champ("titre_de_section", id="secprojet", label="Le projet"),
        new_champ("texte_court", id="intitule", label="Intitulé du projet"),
        new_champ("choix_unique", id="axe", label="Axe de l’appel à projets", options=AXES),
        new_champ(
            "texte_long",
            id="resume",
            label="Résumé du projet",
            help_text="Dix lignes : le besoin, les habitants concernés, ce que vous ferez.",
        ),
        new_champ(
            "choix_unique",
            id="commune",
            label="Commune principale",
            options=[
                "Lille",
                "Roubaix",
                "Tourcoing",
                "Dunkerque",
                "Valenciennes",
                "Douai",
                "Maubeuge",
                "Denain",
                "Wattrelos",
                "Autre commune du Nord",
            ],
        ),
        new_champ(
            "choix_multiple",
            id="publics",
            label="Publics concernés",
            options=["Enfants", "Jeunes de 16 à 25 ans", "Femmes", "Seniors", "Tous les habitants"],
        ),
        new_champ("nombre_entier", id="beneficiaires", label="Nombre d’habitants concernés"),
        new_champ("date", id="debut", label="Début du projet"),
        new_champ("date", id="fin", label="Fin du projet"),
    ]


def _budget() -> list:
    """Return the section about the budget."""
    return [
        new_champ("titre_de_section", id="secbudget", label="Le budget"),
        new_champ(
            "paragraphe",
            id="parabudget",
            label="Un budget équilibré",
            text="Le total des **charges** est égal au total des **produits**. La subvention "
            "demandée ne dépasse pas 80 % du total.",
        ),
        *_depenses(),
        new_champ("montant", id="charges", label="Total des charges"),
        new_champ("montant", id="subvention", label="Subvention demandée"),
        new_champ("oui_non", id="dejaaide", label="Ce projet a-t-il été aidé l’an dernier ?"),
        new_champ(
            "texte_long", id="cofinanceurs", label="Autres financeurs sollicités", required=False
        ),
    ]


def _depenses() -> list:
    """Return the bloc of the expenses, and what each row asks."""
    return [
        new_champ(
            "bloc_repetable",
            id="depenses",
            label="Les charges, ligne par ligne",
            row_label="Dépense",
            rows_max=30,
        ),
        new_champ(
            "choix_unique",
            id="nature",
            label="Nature",
            bloc="depenses",
            options=["Personnel", "Achats", "Prestations", "Locations", "Autre charge"],
        ),
        new_champ(
            "texte_court",
            id="precision",
            label="Laquelle ?",
            bloc="depenses",
            condition=_when("nature", Operator.IS, "Autre charge"),
        ),
        new_champ("montant", id="montant", label="Montant", bloc="depenses"),
        new_champ(
            "piece_jointe",
            id="devis",
            label="Devis",
            bloc="depenses",
            required=False,
            condition=_when("nature", Operator.IS_ONE_OF, "Achats", "Prestations", "Locations"),
        ),
    ]


def _contact() -> list:
    """Return the section about the person to call."""
    return [
        new_champ("titre_de_section", id="seccontact", label="La personne à contacter"),
        new_champ("texte_court", id="contactnom", label="Nom et prénom"),
        new_champ("adresse_email", id="contactemail", label="Adresse email"),
        new_champ("telephone", id="contacttel", label="Téléphone"),
    ]


def _annexes(formulaire_vierge_ids: dict[str, int]) -> list:
    """Return the section about the annexes."""
    return [
        new_champ("titre_de_section", id="secannexes", label="Annexes"),
        new_champ(
            "piece_jointe",
            id="piecebudget",
            label="Budget prévisionnel détaillé",
            formulaire_vierge_id=formulaire_vierge_ids["budget"],
        ),
        new_champ("piece_jointe", id="piecestatuts", label="Statuts de l’organisme"),
        new_champ(
            "piece_jointe",
            id="piecebilan",
            label="Bilan de l’action précédente",
            required=False,
            condition=_when("dejaaide", Operator.IS, "oui"),
        ),
        new_champ(
            "case_a_cocher",
            id="engagement",
            label="Je m’engage à rendre compte de l’emploi de la subvention",
        ),
    ]


def champs(formulaire_vierge_ids: dict[str, int]) -> list:
    """Return the champs of the form; blank forms by name."""
    return [
        *_projet(),
        *_budget(),
        *_contact(),
        *_annexes(formulaire_vierge_ids),
    ]


ANNOTATIONS = [
    new_champ(
        "nombre_entier", id="note", label="Note du comité, sur 20", minimum=0, maximum=20,
        required=False,
    ),
    new_champ("texte_long", id="avisdelegue", label="Avis du délégué du préfet", required=False),
    new_champ("montant", id="montantpropose", label="Subvention proposée", required=False),
]  # fmt: skip
INELIGIBILITES = [
    Ineligibilite(
        id="horsnord",
        condition=_when("commune", Operator.IS, "Autre commune du Nord"),
        message="L’appel à projets est réservé aux communes qui ont un quartier prioritaire : "
        "Lille, Roubaix, Tourcoing, Dunkerque, Valenciennes, Douai, Maubeuge, Denain et Wattrelos.",
    )
]
# The accompagnateurs share the dossiers by commune; `accompagnateur@` is in both groupes.
GROUPE_PAR_DEFAUT = "Lille, Dunkerque et Valenciennes"
GROUPE = {
    "name": "Roubaix et Tourcoing",
    "rule": _when("commune", Operator.IS_ONE_OF, "Roubaix", "Tourcoing", "Wattrelos"),
    "contact_email": "politique-ville-roubaix@nord.exemple.fr",
    "contact_phone": "03 20 99 10 00",
    "members": ("accompagnateur@demo.tps", "accompagnateur2@demo.tps"),
}
FORMULAIRES_VIERGES = {"budget": "Budget prévisionnel"}
PIECES = {"piecebudget": "Budget prévisionnel", "piecestatuts": "Statuts de l’association"}
_PROJETS = [
    "Ateliers cuisine et santé", "Chantier éducatif du square", "Permis solidaire",
    "Bibliothèque de rue", "Jardin partagé", "Coup de pouce vers l’emploi",
    "Écrivain public itinérant", "Repair café du quartier", "Orchestre des enfants",
    "Sport au féminin",
]  # fmt: skip


def reponses(fake, rank: int) -> dict:
    """Return believable stored answers."""
    charges = fake.random_int(8, 90) * 500
    return {
        "intitule": _PROJETS[rank % len(_PROJETS)],
        "axe": AXES[rank % len(AXES)],
        "resume": "Le projet répond à une demande des habitants, exprimée en conseil citoyen.\n"
        "Deux séances par semaine, avec les écoles et le centre social du quartier.",
        "commune": ["Lille", "Roubaix", "Tourcoing", "Denain"][rank % 4],
        "publics": [["Enfants"], ["Femmes", "Seniors"], ["Tous les habitants"]][rank % 3],
        "beneficiaires": fake.random_int(20, 900),
        "debut": "2027-01-11",
        "fin": "2027-12-17",
        "depenses": ["1", "2", "3"],
        "nature-1": "Personnel",
        "montant-1": f"{charges * 0.5:.2f}",
        "nature-2": "Achats",
        "montant-2": f"{charges * 0.3:.2f}",
        "nature-3": "Autre charge",
        "precision-3": "Assurance",
        "montant-3": f"{charges * 0.2:.2f}",
        "charges": f"{charges}.00",
        "subvention": f"{int(charges * 0.6)}.00",
        "dejaaide": rank % 2 == 0,
        "cofinanceurs": "Conseil départemental du Nord, métropole européenne de Lille.",
        "contactnom": fake.name(),
        "contactemail": fake.safe_email(),
        "contacttel": "+3361" + fake.numerify("#######"),
        "engagement": True,
    }


MOTIVATIONS = {
    "accept": "Projet retenu par le comité de pilotage ; la convention vous sera adressée "
    "sous quinze jours.",
    "close_sans_suite": "Le projet relève d’un autre dispositif, vers lequel nous vous avons "
    "orienté.",
    "reject": "Le projet ne concerne pas les habitants d’un quartier prioritaire du Nord.",
}
