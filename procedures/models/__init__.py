"""Procédures, their revisions, their accompagnateurs, their emails and attestations."""

from procedures.models.administration import Administration, AdministrationQuerySet
from procedures.models.affectation import Affectation
from procedures.models.changement_de_date import ChangementDeDate
from procedures.models.delai_legal import (
    DELAI_LENGTH_MAX,
    DELAI_MOTIVATION_MAX,
    DelaiLegal,
    RegleDeDelai,
)
from procedures.models.enchainement import ENCHAINEMENT_TEXT_MAX, Enchainement
from procedures.models.formulaire_vierge import FormulaireVierge, formulaire_vierge_path
from procedures.models.groupe import (
    DEFAULT_GROUPE_NAME,
    GROUPE_NAME_MAX,
    Groupe,
    GroupeQuerySet,
)
from procedures.models.label import LABEL_NAME_MAX, Label
from procedures.models.modele_attestation import (
    ImageAttestation,
    ModeleAttestation,
    image_attestation_path,
)
from procedures.models.modele_courriel import ModeleCourriel
from procedures.models.procedure import SLUG_VALIDATOR, TEXTE_MAX, Procedure, ProcedureQuerySet
from procedures.models.revision import Revision, RevisionQuerySet
from procedures.models.transfert import Transfert, TransfertQuerySet

__all__ = [
    "DEFAULT_GROUPE_NAME",
    "DELAI_LENGTH_MAX",
    "DELAI_MOTIVATION_MAX",
    "ENCHAINEMENT_TEXT_MAX",
    "GROUPE_NAME_MAX",
    "LABEL_NAME_MAX",
    "SLUG_VALIDATOR",
    "TEXTE_MAX",
    "Administration",
    "AdministrationQuerySet",
    "Affectation",
    "ChangementDeDate",
    "DelaiLegal",
    "Enchainement",
    "FormulaireVierge",
    "Groupe",
    "GroupeQuerySet",
    "ImageAttestation",
    "Label",
    "ModeleAttestation",
    "ModeleCourriel",
    "Procedure",
    "ProcedureQuerySet",
    "RegleDeDelai",
    "Revision",
    "RevisionQuerySet",
    "Transfert",
    "TransfertQuerySet",
    "formulaire_vierge_path",
    "image_attestation_path",
]
