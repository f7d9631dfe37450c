"""Tabs and orders of the lists of dossiers."""

from django.db import models

DOSSIERS_PER_PAGE = 30
PROCEDURES_PER_PAGE = 50
# Beyond this many results, a search says « plus de » rather than count them all.
RESULTS_COUNTED_MAX = 1000


class Onglet(models.TextChoices):
    """A tab of the list of dossiers of a procédure."""

    A_SUIVRE = "a-suivre", "À suivre"
    SUIVIS = "suivis", "Suivis"
    EN_ATTENTE = "en-attente", "En attente de l’usager"
    TRAITES = "traites", "Traités"
    TOUS = "tous", "Tous"
    ARCHIVES = "archives", "Archivés"
    BIENTOT_SUPPRIMES = "bientot-supprimes", "Bientôt supprimés"


# The tabs that a card of « Mes procédures » leads to.
ONGLETS_OF_CARD = (Onglet.A_SUIVRE, Onglet.SUIVIS, Onglet.EN_ATTENTE, Onglet.TRAITES)

# What an empty tab says.
ONGLET_EMPTY = {
    Onglet.A_SUIVRE: "Tous les dossiers en cours sont suivis.",
    Onglet.SUIVIS: "Vous ne suivez aucun dossier en cours : suivez-en un depuis « À suivre ».",
    Onglet.EN_ATTENTE: "Aucun usager ne vous doit une correction ou une réponse.",
    Onglet.TRAITES: "Aucun dossier n’a encore reçu de décision.",
    Onglet.TOUS: "Tous les dossiers sont archivés.",
    Onglet.ARCHIVES: "Aucun dossier n’est archivé.",
    Onglet.BIENTOT_SUPPRIMES: "Aucun dossier n’est supprimé dans les trente jours.",
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

# How the usual orders call the columns they sort.
TRI_COLUMNS = {
    "d.numero": "numero",
    "d.submitted_at": "depot",
    "d.updated_at": "modification",
}


class Rythme(models.TextChoices):
    """How often a digest leaves."""

    SEMAINE = "semaine", "chaque semaine"
    JOUR = "jour", "chaque jour"
