"""Dossiers, their files, their people, their history, their messages, their attestations."""

from dossiers.models.attestation import (
    Attestation,
    AttestationQuerySet,
    AttestationRetiree,
    attestation_path,
)
from dossiers.models.compteur import Compteur
from dossiers.models.correction import Correction, CorrectionQuerySet
from dossiers.models.delais import DelaisConstates
from dossiers.models.document_decision import DecisionFile
from dossiers.models.dossier import Dossier
from dossiers.models.echeance import ECHEANCE_WARNED_BEFORE_DAYS, EcheanceLegale
from dossiers.models.fichier import Fichier, FichierQuerySet, PreviewState, ScanState, fichier_path
from dossiers.models.history import HistoryEntry
from dossiers.models.invite import Invite, InviteQuerySet
from dossiers.models.message import (
    FilMessagerie,
    LectureMessagerie,
    Message,
    MessageFile,
)
from dossiers.models.mise_a_niveau import MiseANiveau
from dossiers.models.modification import Modification
from dossiers.models.passage import PassageAutomatique, PassageEchec, RappelCloture
from dossiers.models.piece_jointe import PieceJointe, piece_jointe_path
from dossiers.models.preference import PreferenceNotification
from dossiers.models.preremplissage import Preremplissage
from dossiers.models.queryset import UNSHOWN_IN_LISTS, DossierQuerySet
from dossiers.models.reroutage import Reroutage
from dossiers.models.retrait import Retrait
from dossiers.models.suivi import Suivi
from dossiers.models.suppression import Suppression
from dossiers.models.televersement import Televersement
from dossiers.models.texte_interne import TexteInterne
from dossiers.models.transfert import Transfert
from dossiers.models.version import Version

__all__ = [
    "ECHEANCE_WARNED_BEFORE_DAYS",
    "UNSHOWN_IN_LISTS",
    "Attestation",
    "AttestationQuerySet",
    "AttestationRetiree",
    "Compteur",
    "Correction",
    "CorrectionQuerySet",
    "DecisionFile",
    "DelaisConstates",
    "Dossier",
    "DossierQuerySet",
    "EcheanceLegale",
    "Fichier",
    "FichierQuerySet",
    "FilMessagerie",
    "HistoryEntry",
    "Invite",
    "InviteQuerySet",
    "LectureMessagerie",
    "Message",
    "MessageFile",
    "MiseANiveau",
    "Modification",
    "PassageAutomatique",
    "PassageEchec",
    "PieceJointe",
    "PreferenceNotification",
    "Preremplissage",
    "PreviewState",
    "RappelCloture",
    "Reroutage",
    "Retrait",
    "ScanState",
    "Suivi",
    "Suppression",
    "Televersement",
    "TexteInterne",
    "Transfert",
    "Version",
    "attestation_path",
    "fichier_path",
    "piece_jointe_path",
]
