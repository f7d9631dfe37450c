"""Tabs and orders of the lists of dossiers."""

from django.db import models

from dossiers.enums import STATES_TERMINES, DossierState

DOSSIERS_PER_PAGE = 30
PROCEDURES_PER_PAGE = 50
# Beyond this many results, a search says « plus de » rather than count them all.
RESULTS_COUNTED_MAX = 1000


class Onglet(models.TextChoices):
    """A tab of the list of dossiers of a procédure."""

    A_INSTRUIRE = "a-instruire", "À instruire"
    EN_INSTRUCTION = "en-instruction", "En instruction"
    TERMINES = "termines", "Terminés"
    TOUS = "tous", "Tous"
    ARCHIVES = "archives", "Archivés"


# The states a tab keeps, all of them where it is not named.
ONGLET_STATES = {
    Onglet.A_INSTRUIRE: (DossierState.EN_CONSTRUCTION,),
    Onglet.EN_INSTRUCTION: (DossierState.EN_INSTRUCTION,),
    Onglet.TERMINES: STATES_TERMINES,
}

# What an empty tab says.
ONGLET_EMPTY = {
    Onglet.A_INSTRUIRE: "Aucun dossier n’attend d’être passé en instruction.",
    Onglet.EN_INSTRUCTION: "Aucun dossier n’est en instruction.",
    Onglet.TERMINES: "Aucun dossier n’a encore reçu de décision.",
    Onglet.TOUS: "Tous les dossiers sont archivés.",
    Onglet.ARCHIVES: "Aucun dossier n’est archivé.",
}


class Tri(models.TextChoices):
    """The order of a list of dossiers."""

    DEPOT_DESC = "-depot", "Dépôt, du plus récent au plus ancien"
    DEPOT_ASC = "depot", "Dépôt, du plus ancien au plus récent"
    MODIFICATION_DESC = "-modification", "Modification, de la plus récente à la plus ancienne"
    MODIFICATION_ASC = "modification", "Modification, de la plus ancienne à la plus récente"
    NUMERO_DESC = "-numero", "Numéro, du plus grand au plus petit"
    NUMERO_ASC = "numero", "Numéro, du plus petit au plus grand"


TRI_ORDERS = {
    Tri.DEPOT_DESC: ["-submitted_at", "-id"],
    Tri.DEPOT_ASC: ["submitted_at", "id"],
    Tri.MODIFICATION_DESC: ["-updated_at", "-id"],
    Tri.MODIFICATION_ASC: ["updated_at", "id"],
    Tri.NUMERO_DESC: ["-id"],
    Tri.NUMERO_ASC: ["id"],
}


class Rythme(models.TextChoices):
    """How often a digest leaves."""

    SEMAINE = "semaine", "chaque semaine"
    JOUR = "jour", "chaque jour"
