"""Paths of the accompagnateurs, under `/instruction/`."""

from django.urls import path

from instruction.views import (
    actions,
    annotations,
    avis_service,
    conservation,
    corrections,
    decisions,
    detail,
    echeances,
    etablissement,
    groupes,
    invites,
    labels,
    lists,
    lots,
    messagerie,
    pages,
    preferences,
    recapitulatif,
    reponses_types,
    retraits,
    suivi,
    tableaux,
    versions,
    zip_dossier,
)

app_name = "instruction"
urlpatterns = [
    path("", lists.procedure_list, name="procedure_list"),
    path("recherche/", lists.dossier_search, name="dossier_search"),
    path("procedures/<int:pk>/", lists.dossier_list, name="dossier_list"),
    path("procedures/<int:pk>/dialogues/", messagerie.dialogue_list, name="dialogue_list"),
    path(
        "procedures/<int:pk>/reponses-types/",
        reponses_types.reponse_type_list,
        name="reponse_type_list",
    ),
    path(
        "procedures/<int:pk>/reponses-types/nouvelle/",
        reponses_types.reponse_type_create,
        name="reponse_type_create",
    ),
    path(
        "procedures/<int:pk>/reponses-types/<int:reponse_pk>/",
        reponses_types.reponse_type_edit,
        name="reponse_type_edit",
    ),
    path(
        "procedures/<int:pk>/reponses-types/<int:reponse_pk>/supprimer/",
        reponses_types.reponse_type_delete,
        name="reponse_type_delete",
    ),
    path("dialogues/<int:pk>/", messagerie.dialogue_detail, name="dialogue_detail"),
    path("dossiers/<int:pk>/messagerie/", messagerie.message_list, name="message_list"),
    path("dossiers/<int:pk>/messagerie/nouveaux/", messagerie.message_news, name="message_news"),
    path(
        "dossiers/<int:pk>/messagerie/reponse-type/",
        messagerie.reponse_type_fill,
        name="reponse_type_fill",
    ),
    path("dossiers/<int:pk>/correction/", corrections.correction_ask, name="correction_ask"),
    path(
        "dossiers/<int:pk>/correction/annuler/",
        corrections.correction_cancel,
        name="correction_cancel",
    ),
    path("procedures/<int:pk>/retires/", retraits.retrait_list, name="retrait_list"),
    path("dossiers/<int:pk>/", detail.dossier_detail, name="dossier_detail"),
    path(
        "dossiers/<int:pk>/recapitulatif/",
        recapitulatif.dossier_recapitulatif,
        name="dossier_recapitulatif",
    ),
    path("dossiers/<int:pk>/versions/", versions.version_list, name="version_list"),
    path(
        "dossiers/<int:pk>/versions/<int:number>/", versions.version_detail, name="version_detail"
    ),
    path("dossiers/<int:pk>/zip/", zip_dossier.dossier_zip, name="dossier_zip"),
    path(
        "dossiers/<int:pk>/passer-en-instruction/",
        actions.dossier_start_instruction,
        name="dossier_start_instruction",
    ),
    path(
        "dossiers/<int:pk>/repasser-en-construction/",
        actions.dossier_return_to_construction,
        name="dossier_return_to_construction",
    ),
    path(
        "dossiers/<int:pk>/annotations/",
        annotations.annotation_list,
        name="annotation_list",
    ),
    path(
        "dossiers/<int:pk>/annotations/<slug:champ_id>/",
        annotations.annotation_save,
        name="annotation_save",
    ),
    path("dossiers/<int:pk>/accepter/", decisions.dossier_accept, name="dossier_accept"),
    path(
        "dossiers/<int:pk>/classer-sans-suite/",
        decisions.dossier_close_sans_suite,
        name="dossier_close_sans_suite",
    ),
    path("dossiers/<int:pk>/rejeter/", decisions.dossier_reject, name="dossier_reject"),
    path("dossiers/<int:pk>/invites/", invites.invite_list, name="invite_list"),
    path(
        "dossiers/<int:pk>/invites/<int:invite_pk>/renvoyer/",
        invites.invite_resend,
        name="invite_resend",
    ),
    path(
        "dossiers/<int:pk>/invites/<int:invite_pk>/revoquer/",
        invites.invite_revoke,
        name="invite_revoke",
    ),
    path("dossiers/<int:pk>/archiver/", actions.dossier_archive, name="dossier_archive"),
    path("dossiers/<int:pk>/desarchiver/", actions.dossier_unarchive, name="dossier_unarchive"),
    # --- notifications
    path("notifications/", preferences.preference_list, name="preference_list"),
    path("desabonnement/<str:token>/", preferences.unsubscribe_confirm, name="unsubscribe"),
    path("dossiers/<int:pk>/historique/", pages.history_list, name="history_list"),
    path("dossiers/<int:pk>/documents/", pages.document_list, name="document_list"),
    path("dossiers/<int:pk>/imprimer/", pages.dossier_print, name="dossier_print"),
    path("dossiers/<int:pk>/suivre/", suivi.dossier_follow, name="dossier_follow"),
    path("dossiers/<int:pk>/ne-plus-suivre/", suivi.dossier_unfollow, name="dossier_unfollow"),
    path("dossiers/<int:pk>/suivi/", suivi.follower_list, name="follower_list"),
    path(
        "dossiers/<int:pk>/suivi/<int:user_pk>/retirer/",
        suivi.follower_remove,
        name="follower_remove",
    ),
    path("dossiers/<int:pk>/ne-plus-attendre/", suivi.answer_wait_stop, name="answer_wait_stop"),
    path(
        "dossiers/<int:pk>/entreprise/",
        etablissement.etablissement_detail,
        name="etablissement_detail",
    ),
    path(
        "dossiers/<int:pk>/entreprise/actualiser/",
        etablissement.etablissement_refresh,
        name="etablissement_refresh",
    ),
    path("dossiers/<int:pk>/labels/", labels.labels_change, name="labels_change"),
    path(
        "dossiers/<int:pk>/declarer-complet/",
        echeances.dossier_declare_complete,
        name="dossier_declare_complete",
    ),
    path(
        "dossiers/<int:pk>/conserver/", conservation.dossier_keep_longer, name="dossier_keep_longer"
    ),
    path("dossiers/<int:pk>/groupe/", groupes.groupe_change, name="groupe_change"),
    # --- avis
    path("dossiers/<int:pk>/avis/", avis_service.avis_list, name="avis_list"),
    path(
        "dossiers/<int:pk>/avis/<int:avis_pk>/relancer/",
        avis_service.avis_remind,
        name="avis_remind",
    ),
    path(
        "dossiers/<int:pk>/avis/<int:avis_pk>/revoquer/",
        avis_service.avis_revoke,
        name="avis_revoke",
    ),
    path(
        "dossiers/<int:pk>/avis/<int:avis_pk>/rendre/",
        avis_service.avis_answer,
        name="avis_answer",
    ),
    path(
        "dossiers/<int:pk>/repasser-en-instruction/",
        decisions.dossier_reopen,
        name="dossier_reopen",
    ),
    path("procedures/<int:pk>/lots/", lots.lot_list, name="lot_list"),
    path("procedures/<int:pk>/lots/nouveau/", lots.lot_prepare, name="lot_prepare"),
    path("procedures/<int:pk>/lots/export/", lots.lot_export, name="lot_export"),
    path("procedures/<int:pk>/lots/<int:lot_pk>/", lots.lot_detail, name="lot_detail"),
    path("procedures/<int:pk>/lots/<int:lot_pk>/arreter/", lots.lot_stop, name="lot_stop"),
    path(
        "procedures/<int:pk>/lots/<int:lot_pk>/compte-rendu/",
        lots.lot_report,
        name="lot_report",
    ),
    path("procedures/<int:pk>/filtre/", tableaux.filter_add, name="filter_add"),
    path("procedures/<int:pk>/colonnes/", tableaux.column_choose, name="column_choose"),
    path("procedures/<int:pk>/vues/", tableaux.vue_list, name="vue_list"),
    path(
        "procedures/<int:pk>/vues/<int:vue_pk>/renommer/",
        tableaux.vue_rename,
        name="vue_rename",
    ),
    path(
        "procedures/<int:pk>/vues/<int:vue_pk>/supprimer/",
        tableaux.vue_delete,
        name="vue_delete",
    ),
]
