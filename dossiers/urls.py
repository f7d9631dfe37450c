"""Paths of the usagers: the public page of a procédure, then their dossiers."""

from django.urls import path

from dossiers import essai_urls, guichet_urls
from dossiers.views import (
    attestation,
    corrections,
    depot,
    documents_decision,
    groupes,
    identification,
    invites,
    lignes,
    messagerie,
    mise_a_niveau,
    passages,
    pieces_jointes,
    public,
    recapitulatif,
    saisie,
    suite,
    suivi,
    televersements,
    versions,
    zip_dossier,
)

_LIGNES = "dossiers/<int:pk>/blocs/<slug:bloc_id>/lignes/"
_INVITE = "dossiers/<int:pk>/invites/<int:invite_pk>/"
_TELEVERSEMENT = "dossiers/televersements/<uuid:pk>/"

app_name = "dossiers"
urlpatterns = [
    path("commencer/<slug:slug>/", public.procedure_public, name="procedure_public"),
    path("commencer/<slug:slug>/brouillon/", public.brouillon_create, name="brouillon_create"),
    path(
        "administration/procedures/<int:pk>/mise-a-niveau/",
        mise_a_niveau.mise_a_niveau,
        name="mise_a_niveau",
    ),
    path("dossiers/<int:pk>/", suivi.dossier_detail, name="dossier_detail"),
    path(
        "dossiers/<int:pk>/recapitulatif/",
        recapitulatif.dossier_recapitulatif,
        name="dossier_recapitulatif",
    ),
    path(
        "dossiers/<int:pk>/attestation/",
        attestation.attestation_download,
        name="attestation_download",
    ),
    path("attestations/", attestation.attestation_search, name="attestation_search"),
    path("attestations/<str:code>/", attestation.attestation_verify, name="attestation_verify"),
    path("dossiers/<int:pk>/suite/", suite.suite_begin, name="suite_begin"),
    path(
        "dossiers/<int:pk>/identification/",
        identification.dossier_identify,
        name="dossier_identify",
    ),
    path(
        "dossiers/<int:pk>/identification/personne/",
        identification.personne_save,
        name="personne_save",
    ),
    path(
        "dossiers/<int:pk>/identification/siret/",
        identification.siret_look_up,
        name="siret_look_up",
    ),
    path(
        "dossiers/<int:pk>/identification/confirmer/",
        identification.etablissement_confirm,
        name="etablissement_confirm",
    ),
    path("dossiers/<int:pk>/modifier/", saisie.dossier_edit, name="dossier_edit"),
    path("dossiers/<int:pk>/champs/<slug:champ_id>/", saisie.reponse_save, name="reponse_save"),
    path(f"{_LIGNES}ajouter/", lignes.ligne_add, name="ligne_add"),
    path(f"{_LIGNES}<slug:row_id>/retirer/", lignes.ligne_remove, name="ligne_remove"),
    path(f"{_LIGNES}<slug:row_id>/retablir/", lignes.ligne_restore, name="ligne_restore"),
    path(f"{_LIGNES}<slug:row_id>/deplacer/", lignes.ligne_move, name="ligne_move"),
    path(
        "dossiers/<int:pk>/champs/<slug:champ_id>/fichiers/",
        pieces_jointes.piece_jointe_add,
        name="piece_jointe_add",
    ),
    path(
        "dossiers/fichiers/<int:pk>/",
        pieces_jointes.piece_jointe_download,
        name="piece_jointe_download",
    ),
    path(
        "dossiers/fichiers/<int:pk>/supprimer/",
        pieces_jointes.piece_jointe_delete,
        name="piece_jointe_delete",
    ),
    path("dossiers/<int:pk>/invites/", invites.invite_list, name="invite_list"),
    path(f"{_INVITE}renvoyer/", invites.invite_resend, name="invite_resend"),
    path(f"{_INVITE}droit/", invites.invite_change_role, name="invite_change_role"),
    path(f"{_INVITE}revoquer/", invites.invite_revoke, name="invite_revoke"),
    path("dossiers/<int:pk>/quitter/", invites.invite_leave, name="invite_leave"),
    path("dossiers/invitations/<str:token>/", invites.invite_accept, name="invite_accept"),
    path(
        "dossiers/fichiers/<int:pk>/apercu/",
        pieces_jointes.piece_jointe_preview,
        name="piece_jointe_preview",
    ),
    path(
        "dossiers/fichiers/<int:pk>/etat/",
        pieces_jointes.piece_jointe_state,
        name="piece_jointe_state",
    ),
    path("dossiers/<int:pk>/zip/", zip_dossier.dossier_zip, name="dossier_zip"),
    path(
        "dossiers/<int:pk>/champs/<slug:champ_id>/televersements/",
        televersements.televersement_create,
        name="televersement_create",
    ),
    path(
        f"{_TELEVERSEMENT}morceaux/",
        televersements.televersement_receive,
        name="televersement_receive",
    ),
    path(_TELEVERSEMENT, televersements.televersement_state, name="televersement_state"),
    path(
        f"{_TELEVERSEMENT}terminer/",
        televersements.televersement_finish,
        name="televersement_finish",
    ),
    path(
        f"{_TELEVERSEMENT}annuler/",
        televersements.televersement_cancel,
        name="televersement_cancel",
    ),
    path("dossiers/<int:pk>/messagerie/", messagerie.message_list, name="message_list"),
    path("dossiers/<int:pk>/messagerie/nouveaux/", messagerie.message_news, name="message_news"),
    path(
        "dossiers/messages/fichiers/<int:pk>/",
        messagerie.message_file_download,
        name="message_file_download",
    ),
    path(
        "dossiers/messages/fichiers/<int:pk>/apercu/",
        messagerie.message_file_preview,
        name="message_file_preview",
    ),
    path(
        "dossiers/decisions/fichiers/<int:pk>/",
        documents_decision.decision_file_download,
        name="decision_file_download",
    ),
    path(
        "dossiers/decisions/fichiers/<int:pk>/apercu/",
        documents_decision.decision_file_preview,
        name="decision_file_preview",
    ),
    path(
        "dossiers/decisions/fichiers/<int:pk>/etat/",
        documents_decision.decision_file_state,
        name="decision_file_state",
    ),
    path(
        "dossiers/messages/fichiers/<int:pk>/etat/",
        messagerie.message_file_state,
        name="message_file_state",
    ),
    path(
        "dossiers/<int:pk>/correction/terminer/",
        corrections.correction_resolve,
        name="correction_resolve",
    ),
    path("procedures/<int:pk>/passages/", passages.passage_list, name="passage_list"),
    path("dossiers/<int:pk>/verifier/", depot.dossier_review, name="dossier_review"),
    path("dossiers/<int:pk>/soumettre/", depot.dossier_submit, name="dossier_submit"),
    path("dossiers/<int:pk>/deposer/", depot.modifications_deposit, name="modifications_deposit"),
    path(
        "dossiers/<int:pk>/abandonner/", depot.modifications_discard, name="modifications_discard"
    ),
    path("dossiers/<int:pk>/nouveautes/", saisie.nouveaute_list, name="nouveaute_list"),
    path("dossiers/<int:pk>/versions/", versions.version_list, name="version_list"),
    path(
        "dossiers/<int:pk>/versions/<int:number>/", versions.version_detail, name="version_detail"
    ),
    *guichet_urls.urlpatterns,
    *essai_urls.urlpatterns,
    path("administration/procedures/<int:pk>/routage/", groupes.reroutage, name="reroutage"),
    path(
        "administration/procedures/<int:pk>/groupes/<int:groupe_pk>/supprimer/",
        groupes.groupe_delete,
        name="groupe_delete",
    ),
]
