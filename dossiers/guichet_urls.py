"""Paths of « Mes dossiers »: the list, the bin, what one does with a whole dossier."""

from django.urls import path

from dossiers.views import corbeille, documents, duplication, liste, transferts

urlpatterns = [
    path("dossiers/", liste.dossier_list, name="dossier_list"),
    path("dossiers/corbeille/", corbeille.corbeille_list, name="corbeille_list"),
    path("dossiers/corbeille/<int:pk>/", corbeille.dossier_restore, name="dossier_restore"),
    path("dossiers/<int:pk>/supprimer/", corbeille.dossier_delete, name="dossier_delete"),
    path("dossiers/<int:pk>/prolonger/", corbeille.brouillon_prolong, name="brouillon_prolong"),
    path("dossiers/<int:pk>/dupliquer/", duplication.dossier_duplicate, name="dossier_duplicate"),
    path("dossiers/<int:pk>/documents/", documents.document_list, name="document_list"),
    path(
        "dossiers/<int:pk>/attestation-de-depot/",
        documents.attestation_depot,
        name="attestation_depot",
    ),
    path("dossiers/<int:pk>/transferer/", transferts.dossier_transfer, name="dossier_transfer"),
    path(
        "dossiers/<int:pk>/transferer/<int:transfert_pk>/annuler/",
        transferts.transfert_cancel,
        name="transfert_cancel",
    ),
    path("dossiers/transferts/<int:pk>/", transferts.transfert_answer, name="transfert_answer"),
]
