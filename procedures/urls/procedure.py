"""Paths: the procédures, their accompagnateurs and their publication."""

from django.urls import path

from procedures.views import (
    accompagnateurs,
    administrateurs,
    procedure,
    publication,
    transferts,
)

_ONE = "administration/procedures/<int:pk>/"

urlpatterns = [
    path("administration/", procedure.procedure_list, name="procedure_list"),
    path("administration/apercu/", procedure.markdown_preview, name="markdown_preview"),
    path(
        "administration/procedures/nouvelle/", procedure.procedure_create, name="procedure_create"
    ),
    path(_ONE, procedure.procedure_detail, name="procedure_detail"),
    path(f"{_ONE}description/", procedure.procedure_edit, name="procedure_edit"),
    path(
        f"{_ONE}accompagnateurs/", accompagnateurs.accompagnateur_list, name="accompagnateur_list"
    ),
    path(
        f"{_ONE}accompagnateurs/<int:affectation_pk>/retirer/",
        accompagnateurs.accompagnateur_delete,
        name="accompagnateur_delete",
    ),
    path(
        f"{_ONE}administrateurs/", administrateurs.administrateur_list, name="administrateur_list"
    ),
    path(
        f"{_ONE}administrateurs/<int:administration_pk>/retirer/",
        administrateurs.administrateur_delete,
        name="administrateur_delete",
    ),
    path(f"{_ONE}transfert/", transferts.transfert_list, name="transfert_list"),
    path(
        f"{_ONE}transfert/<int:transfert_pk>/annuler/",
        transferts.transfert_cancel,
        name="transfert_cancel",
    ),
    path(
        "administration/transferts/<int:pk>/", transferts.transfert_answer, name="transfert_answer"
    ),
    path(f"{_ONE}publication/", publication.procedure_publish, name="procedure_publish"),
    path(f"{_ONE}jeter-les-modifications/", publication.draft_discard, name="draft_discard"),
    path(f"{_ONE}clore/", publication.procedure_close, name="procedure_close"),
    path(f"{_ONE}rouvrir/", publication.procedure_reopen, name="procedure_reopen"),
]
