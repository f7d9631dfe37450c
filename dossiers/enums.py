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
STATES_EN_COURS = (DossierState.EN_CONSTRUCTION, DossierState.EN_INSTRUCTION)
STATES_SOUMIS = (*STATES_EN_COURS, *STATES_TERMINES)
STATES_EDITABLE = (DossierState.BROUILLON, DossierState.EN_CONSTRUCTION)
# What its usager may put in the bin; a terminé leaves their list only.
STATES_TRASHABLE = STATES_EDITABLE

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
    INVITE_USAGER = "invite_usager", "Invitation par l’usager"
    INVITE_USAGER_ACCEPT = "invite_usager_accept", "Invitation de l’usager acceptée"
    INVITE_USAGER_CHANGE = "invite_usager_change", "Droit d’un invité de l’usager changé"
    INVITE_USAGER_REVOKE = "invite_usager_revoke", "Invitation de l’usager révoquée"
    INVITE_USAGER_LEAVE = "invite_usager_leave", "Dossier quitté par un invité de l’usager"
    INVITE_SERVICE = "invite_service", "Invitation par le service"
    INVITE_SERVICE_ACCEPT = "invite_service_accept", "Invitation du service acceptée"
    INVITE_SERVICE_REVOKE = "invite_service_revoke", "Invitation du service révoquée"
    INVITE_SERVICE_LEAVE = "invite_service_leave", "Dossier quitté par un invité du service"
    ASK_CORRECTION = "ask_correction", "Correction demandée"
    RESOLVE_CORRECTION = "resolve_correction", "Corrections apportées"
    CANCEL_CORRECTION = "cancel_correction", "Demande de correction annulée"
    TRASH = "trash", "Mis à la corbeille"
    WITHDRAW = "withdraw", "Retiré par l’usager"
    RESTORE = "restore", "Repris de la corbeille"
    TRANSFER = "transfer", "Transféré à une autre personne"
    ASSIGN = "assign", "Confié"
    UNASSIGN = "unassign", "Suivi retiré"
    STOP_WAITING = "stop_waiting", "Réponse de l’usager plus attendue"
    ADD_LABEL = "add_label", "Label posé"
    REMOVE_LABEL = "remove_label", "Label retiré"
    DECLARE_COMPLETE = "declare_complete", "Dossier déclaré complet"
    KEEP_LONGER = "keep_longer", "Conservation prolongée"
    CHANGE_GROUPE = "change_groupe", "Changé de groupe"
    AVIS_ASK = "avis_ask", "Avis demandé"
    AVIS_ANSWER = "avis_answer", "Avis rendu"
    AVIS_CHANGE = "avis_change", "Avis modifié"
    AVIS_REVOKE = "avis_revoke", "Demande d’avis révoquée"
    AVIS_HAND_OVER = "avis_hand_over", "Demande d’avis transmise"


class InviteOrigin(models.TextChoices):
    """Who invited: the two have other rights, other words and other colours everywhere."""

    USAGER = "usager", "Invité par l’usager"
    ACCOMPAGNATEUR = "accompagnateur", "Invité par le service"


class InviteRole(models.TextChoices):
    """What an invité may do with a dossier."""

    LECTURE = "lecture", "Lecture"
    ECRITURE = "ecriture", "Lecture et écriture"


class InviteState(models.TextChoices):
    """What became of an invitation."""

    EN_ATTENTE = "en_attente", "En attente"
    ACCEPTEE = "acceptee", "Acceptée"
    EXPIREE = "expiree", "Expirée"
    REVOQUEE = "revoquee", "Révoquée"
    QUITTEE = "quittee", "A quitté le dossier"


_OF_INVITES = {
    InviteOrigin.USAGER: (
        HistoryAction.INVITE_USAGER,
        HistoryAction.INVITE_USAGER_ACCEPT,
        HistoryAction.INVITE_USAGER_CHANGE,
        HistoryAction.INVITE_USAGER_REVOKE,
        HistoryAction.INVITE_USAGER_LEAVE,
    ),
    InviteOrigin.ACCOMPAGNATEUR: (
        HistoryAction.INVITE_SERVICE,
        HistoryAction.INVITE_SERVICE_ACCEPT,
        HistoryAction.INVITE_SERVICE_REVOKE,
        HistoryAction.INVITE_SERVICE_LEAVE,
        HistoryAction.AVIS_ASK,
        HistoryAction.AVIS_ANSWER,
        HistoryAction.AVIS_CHANGE,
        HistoryAction.AVIS_REVOKE,
        HistoryAction.AVIS_HAND_OVER,
    ),
}
INVITE_ORIGIN_OF_ACTION = {
    action: origin for origin, actions in _OF_INVITES.items() for action in actions
}
# What an usager is never shown: whom the service asks is the service's business.
ACTIONS_OF_THE_SERVICE = (
    *_OF_INVITES[InviteOrigin.ACCOMPAGNATEUR],
    HistoryAction.ASSIGN,
    HistoryAction.UNASSIGN,
    HistoryAction.STOP_WAITING,
    HistoryAction.ADD_LABEL,
    HistoryAction.REMOVE_LABEL,
    HistoryAction.CHANGE_GROUPE,
)

# What is recorded beside the changes of state.
ACTIONS_BESIDE_STATE = (
    HistoryAction.ARCHIVE,
    HistoryAction.UNARCHIVE,
    HistoryAction.UPDATE_FORM,
    HistoryAction.DEPOSIT_CHANGES,
    *INVITE_ORIGIN_OF_ACTION,
    HistoryAction.RESOLVE_CORRECTION,
    HistoryAction.TRASH,
    HistoryAction.WITHDRAW,
    HistoryAction.RESTORE,
    HistoryAction.TRANSFER,
    HistoryAction.ASSIGN,
    HistoryAction.UNASSIGN,
    HistoryAction.STOP_WAITING,
    HistoryAction.ADD_LABEL,
    HistoryAction.REMOVE_LABEL,
    HistoryAction.DECLARE_COMPLETE,
    HistoryAction.KEEP_LONGER,
    HistoryAction.CHANGE_GROUPE,
)

# The DSFR class of the badge of each kind of invité, and of the state of an invitation.
INVITE_BADGES = {
    InviteOrigin.USAGER: "fr-badge--green-archipel",
    InviteOrigin.ACCOMPAGNATEUR: "fr-badge--brown-caramel",
}
INVITE_STATE_BADGES = {
    InviteState.EN_ATTENTE: "fr-badge--info",
    InviteState.ACCEPTEE: "fr-badge--success",
    InviteState.EXPIREE: "fr-badge--warning",
    InviteState.REVOQUEE: "",
    InviteState.QUITTEE: "",
}
INVITATION_LIFETIME_DAYS = 30
INVITATION_MESSAGE_MAX = 1000
# Of one dossier and one origin, so that a dossier does not become a way to write to the world.
INVITES_MAX = 20
# How long one waits before sending the same invitation again.
INVITATION_RESEND_AFTER = timedelta(minutes=10)


class MessageSide(models.TextChoices):
    """On whose behalf a message was written."""

    USAGER = "usager", "Usager"
    INVITE = "invite", "Invité par l’usager"
    SERVICE = "service", "Service"


MESSAGE_MAX = 10_000
MESSAGE_FILES_MAX = 10
MESSAGES_PER_PAGE = 30
MESSAGE_EXCERPT_MAX = 300
CORRECTION_TEXT_MAX = 1000


class TransfertState(models.TextChoices):
    """What became of the offer of a dossier to another person."""

    PROPOSE = "propose", "En attente de réponse"
    ACCEPTE = "accepte", "Accepté"
    REFUSE = "refuse", "Refusé"
    ANNULE = "annule", "Annulé"


class Vue(models.TextChoices):
    """The two ways to look at « Mes dossiers »."""

    CARTES = "cartes", "Cartes"
    TABLEAU = "tableau", "Tableau"


class ReroutageKind(models.TextChoices):
    """What a walk over the dossiers of a procédure does to their groupes."""

    APERCU = "apercu", "Aperçu des nouvelles règles"
    APPLICATION = "application", "Application des nouvelles règles"
    SUPPRESSION = "suppression", "Suppression d’un groupe"


GROUPE_CHANGE_REASON_MAX = 1000
# A passage that no worker has carried on for this long is taken up again.
PASSAGE_REQUEUE_AFTER = timedelta(minutes=2)
# How long before the closing date the owners of brouillons are reminded.
RAPPEL_BEFORE = timedelta(days=3)
# How long a dossier in the bin may be taken back, and an offer waits for its answer.
CORBEILLE_DAYS = 14
TRANSFERT_DAYS = 14
# How long before a brouillon expires its usager is warned, then warned again.
EXPIRY_WARNED_BEFORE = timedelta(days=30)
EXPIRY_WARNED_AGAIN_BEFORE = timedelta(days=7)
# How long before a terminé is erased its usager and those who follow it are warned.
CONSERVATION_WARNED_BEFORE = timedelta(days=30)
# What one more « Conserver six mois de plus » adds, and all of them together at most.
CONSERVATION_MORE_MONTHS = 6
CONSERVATION_MORE_MAX_MONTHS = 60
# From which hour of Paris the service is written to about deadlines: not in the night.
ALERTES_FROM_HOUR = 6
# From how long before the closing date a brouillon is something to see to.
CLOSING_SOON = timedelta(days=7)
# The real delays of a procédure: over how long, and from how many dossiers on.
DELAIS_OVER = timedelta(days=365)
DELAIS_DOSSIERS_MIN = 5
MOTIVATION_MAX = 10_000

TESTS_KEPT_DAYS = 30
TEST_SUBJECT_PREFIX = "[TEST] "
TEST_COURRIEL_NOTICE = (
    "TEST : ce message vient de l’essai d’une procédure. Il ne vaut ni dépôt, ni décision, "
    "et vous seul le recevez."
)


class NouveauxMessages(models.TextChoices):
    """Of which messages of usagers an accompagnateur is told by email at once."""

    JAMAIS = "jamais", "Aucun"
    SUIVIS = "suivis", "Ceux des dossiers que je suis, ou que personne ne suit"
    TOUS = "tous", "Tous"
