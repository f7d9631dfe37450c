"""States of a dossier and groups of them."""

from datetime import timedelta

from django.db import models


class DossierState(models.TextChoices):
    """The status of a dossier, in the words of the service."""

    BROUILLON = "brouillon", "en brouillon"
    EN_CONSTRUCTION = "en_construction", "en construction"
    EN_INSTRUCTION = "en_instruction", "en instruction"
    ACCEPTE = "accepte", "accepté"
    SANS_SUITE = "sans_suite", "classé sans suite"
    REJETE = "rejete", "rejeté"


STATES_TERMINES = (DossierState.ACCEPTE, DossierState.SANS_SUITE, DossierState.REJETE)
STATES_SOUMIS = (DossierState.EN_CONSTRUCTION, DossierState.EN_INSTRUCTION, *STATES_TERMINES)
STATES_EDITABLE = (DossierState.BROUILLON, DossierState.EN_CONSTRUCTION)

# The DSFR badge that shows each state.
STATE_BADGES = {
    DossierState.BROUILLON: "fr-badge--purple-glycine",
    DossierState.EN_CONSTRUCTION: "fr-badge--info",
    DossierState.EN_INSTRUCTION: "fr-badge--new",
    DossierState.ACCEPTE: "fr-badge--success",
    DossierState.SANS_SUITE: "fr-badge--warning",
    DossierState.REJETE: "fr-badge--error",
}


class Civilite(models.TextChoices):
    """How a person is addressed."""

    MADAME = "Mme", "Madame"
    MONSIEUR = "M.", "Monsieur"


class DossierTab(models.TextChoices):
    """The tabs of « Mes dossiers »."""

    EN_COURS = "en_cours", "En cours"
    TERMINES = "termines", "Terminés"
    ARCHIVES = "archives", "Archivés"


class HistoryAction(models.TextChoices):
    """What a history row records."""

    SUBMIT = "submit", "Dossier déposé"
    DEPOSIT_CHANGES = "deposit_changes", "Modifications déposées"
    START_INSTRUCTION = "start_instruction", "Passé en instruction"
    RETURN_TO_CONSTRUCTION = "return_to_construction", "Repassé en construction"
    ACCEPT = "accept", "Accepté"
    CLOSE_SANS_SUITE = "close_sans_suite", "Classé sans suite"
    REJECT = "reject", "Rejeté"
    ARCHIVE = "archive", "Archivé"
    UNARCHIVE = "unarchive", "Désarchivé"
    UPDATE_FORM = "update_form", "Formulaire mis à niveau"


# What is recorded beside the changes of state.
ACTIONS_BESIDE_STATE = (
    HistoryAction.ARCHIVE,
    HistoryAction.UNARCHIVE,
    HistoryAction.UPDATE_FORM,
    HistoryAction.DEPOSIT_CHANGES,
)


# A passage that no worker has carried on for this long is taken up again.
PASSAGE_REQUEUE_AFTER = timedelta(minutes=2)
# How long before the closing date the owners of brouillons are reminded.
RAPPEL_BEFORE = timedelta(days=3)
MOTIVATION_MAX = 10_000

TESTS_KEPT_DAYS = 30
TEST_SUBJECT_PREFIX = "[TEST] "
TEST_COURRIEL_NOTICE = (
    "TEST : ce message vient de l’essai d’une procédure. Il ne vaut ni dépôt, ni décision, "
    "et vous seul le recevez."
)
