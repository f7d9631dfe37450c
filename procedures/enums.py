"""Choices of the procédures."""

from django.db import models

# Up to so many options a choice is shown whole; up to so many, in a list; beyond, one searches.
OPTIONS_SHOWN_AS_RADIO = 5
OPTIONS_SHOWN_AS_LIST = 20
CHAMPS_MAX = 500
ANNOTATIONS_MAX = 100
INELIGIBILITES_MAX = 20
LIEN_MAX_CHARACTERS = 8000
# Beyond, some programs cut the link they are given.
LIEN_LONG_CHARACTERS = 2000
READING_WORDS_PER_MINUTE = 200
DELETED_CHAMPS_KEPT = 20
FORMULAIRE_VIERGE_MAX_BYTES = 20 * 1024 * 1024
FORMULAIRE_VIERGE_EXTENSIONS = (
    "pdf", "doc", "docx", "odt", "xls", "xlsx", "ods", "rtf", "png", "jpg", "jpeg",
)  # fmt: skip


class ProcedureState(models.TextChoices):
    """Where a procédure stands."""

    BROUILLON = "brouillon", "en préparation"
    PUBLIEE = "publiee", "publiée"
    CLOSE = "close", "close"


# The DSFR class of the badge of each state.
PROCEDURE_STATE_BADGES = {
    ProcedureState.BROUILLON: "fr-badge--new",
    ProcedureState.PUBLIEE: "fr-badge--success",
    ProcedureState.CLOSE: "fr-badge--warning",
}


class Demandeurs(models.TextChoices):
    """Who may file a dossier."""

    PARTICULIER = "particulier", "Des particuliers"
    ENTREPRISE = "entreprise", "Des entreprises, associations ou administrations (par SIRET)"
    TOUS = "tous", "Les deux : particuliers et entreprises (par SIRET)"


class LabelColor(models.TextChoices):
    """The colours of the labels: illustrative ones of the DSFR, dark text on a light ground."""

    BLUE_CUMULUS = "blue-cumulus", "Bleu"
    GREEN_EMERAUDE = "green-emeraude", "Vert"
    GREEN_TILLEUL_VERVEINE = "green-tilleul-verveine", "Vert tilleul"
    YELLOW_TOURNESOL = "yellow-tournesol", "Jaune"
    ORANGE_TERRE_BATTUE = "orange-terre-battue", "Orange"
    PINK_TUILE = "pink-tuile", "Rose"
    PINK_MACARON = "pink-macaron", "Rose pâle"
    PURPLE_GLYCINE = "purple-glycine", "Violet"
    BROWN_CAFE_CREME = "brown-cafe-creme", "Brun"
    BEIGE_GRIS_GALET = "beige-gris-galet", "Gris"


class DatePrevue(models.TextChoices):
    """What may be planned for a procédure; each value is a field of `Procedure`."""

    OUVERTURE = "opens_at", "Ouverture"
    CLOTURE = "closes_at", "Clôture"
    PASSAGE = "passage_at", "Passage en instruction"


class PassagePrevu(models.TextChoices):
    """When the dossiers en construction pass en instruction by themselves."""

    JAMAIS = "jamais", "Jamais : les accompagnateurs le décident dossier par dossier"
    CLOTURE = "cloture", "À la clôture"
    DATE = "date", "À une autre date"


class CourrielEvent(models.TextChoices):
    """The six moments of a dossier's life at which an email leaves to the usager."""

    ACCUSE_RECEPTION = "accuse_reception", "Accusé de réception"
    PASSAGE_EN_INSTRUCTION = "passage_en_instruction", "Accusé de passage en instruction"
    VALIDATION = "validation", "Accusé de validation"
    SANS_SUITE = "sans_suite", "Accusé de classement sans suite"
    REJET = "rejet", "Accusé de rejet"
    REPASSAGE_EN_INSTRUCTION = "repassage_en_instruction", "Repassage en instruction"


# When each of them leaves, for the administrateur who writes it.
COURRIEL_MOMENTS = {
    CourrielEvent.ACCUSE_RECEPTION: "Quand l’usager dépose son dossier",
    CourrielEvent.PASSAGE_EN_INSTRUCTION: "Chaque fois que le dossier passe en instruction",
    CourrielEvent.VALIDATION: "Quand le dossier est accepté",
    CourrielEvent.SANS_SUITE: "Quand le dossier est classé sans suite",
    CourrielEvent.REJET: "Quand le dossier est rejeté",
    CourrielEvent.REPASSAGE_EN_INSTRUCTION: "Quand un dossier terminé est repris en instruction",
}

TRANSFERT_LIFETIME_DAYS = 30


class TransfertState(models.TextChoices):
    """What became of the offer of a procédure to another organisme."""

    PROPOSE = "propose", "proposé"
    ACCEPTE = "accepte", "accepté"
    REFUSE = "refuse", "refusé"
    ANNULE = "annule", "annulé"


class MomentEnchainement(models.TextChoices):
    """When an usager is offered the next step."""

    APRES_DEPOT = "apres_depot", "Après le dépôt"
    A_L_ACCEPTATION = "a_l_acceptation", "À l’acceptation"


class EffetDuSilence(models.TextChoices):
    """What the silence of the service means at the end of the legal deadline."""

    SVA = "sva", "Le silence vaut acceptation (SVA)"
    SVR = "svr", "Le silence vaut rejet (SVR)"


class UniteDeDelai(models.TextChoices):
    """What a legal deadline is counted in."""

    JOURS = "jours", "jours"
    SEMAINES = "semaines", "semaines"
    MOIS = "mois", "mois"

    @property
    def singular(self) -> str:
        """Return the word for one."""
        return {"jours": "jour", "semaines": "semaine", "mois": "mois"}[self.value]


class DebutDuDelai(models.TextChoices):
    """From when a legal deadline runs."""

    DEPOT = "depot", "Au dépôt du dossier"
    COMPLET = "complet", "Quand le dossier est complet"


class CorrectionDuDelai(models.TextChoices):
    """What a correction that is asked does to a legal deadline."""

    SUSPEND = "suspend", "Elle suspend le délai, qui reprend ensuite où il en était"
    RESTART = "restart", "Elle remet le délai à zéro, qui repart entier ensuite"


LABELS_MAX = 50
# What is offered to a procédure that has no label yet.
SUGGESTED_LABELS = (
    ("Complet", LabelColor.GREEN_EMERAUDE),
    ("À relancer", LabelColor.BROWN_CAFE_CREME),
    ("À examiner", LabelColor.BLUE_CUMULUS),
    ("Prioritaire", LabelColor.ORANGE_TERRE_BATTUE),
    ("Avis du chef de service", LabelColor.PURPLE_GLYCINE),
)
