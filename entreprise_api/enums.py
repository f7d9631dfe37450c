"""The states of a look-up and the codes of INSEE that TPS words itself."""

from django.db import models


class LookupState(models.TextChoices):
    """How far the look-up of an établissement has come."""

    EN_ATTENTE = "en_attente", "en attente"
    COMPLET = "complet", "complet"
    INTROUVABLE = "introuvable", "introuvable"
    NON_DIFFUSIBLE = "non_diffusible", "non diffusible"
    REFUSE = "refuse", "refusé par API Entreprise"


class CapitalState(models.TextChoices):
    """How far the look-up of the capital, a second call, has come."""

    A_RECUPERER = "a_recuperer", "à récupérer"
    CONNU = "connu", "connu"
    INCONNU = "inconnu", "inconnu"
    REFUSE = "refuse", "non autorisé"


# Source: INSEE, Sirene, variable trancheEffectifsEtablissement.
TRANCHES_EFFECTIF = {
    "NN": "Aucun salarié",
    "00": "Aucun salarié au 31 décembre",
    "01": "1 ou 2 salariés",
    "02": "3 à 5 salariés",
    "03": "6 à 9 salariés",
    "11": "10 à 19 salariés",
    "12": "20 à 49 salariés",
    "21": "50 à 99 salariés",
    "22": "100 à 199 salariés",
    "31": "200 à 249 salariés",
    "32": "250 à 499 salariés",
    "41": "500 à 999 salariés",
    "42": "1 000 à 1 999 salariés",
    "51": "2 000 à 4 999 salariés",
    "52": "5 000 à 9 999 salariés",
    "53": "10 000 salariés et plus",
}

CATEGORIES_ENTREPRISE = {
    "PME": "Petite ou moyenne entreprise",
    "ETI": "Entreprise de taille intermédiaire",
    "GE": "Grande entreprise",
}

FORME_JURIDIQUE_ASSOCIATION_PREFIX = "92"
