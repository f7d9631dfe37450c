"""Paths of the form builder and of the blank forms."""

from django.urls import path

from procedures.views import formulaire as views
from procedures.views import plan

_BUILDER = "administration/procedures/<int:pk>/formulaire/"
_CHAMP = f"{_BUILDER}champs/<slug:champ_id>/"

urlpatterns = [
    path(_BUILDER, views.formulaire_edit, name="formulaire_edit"),
    path(f"{_BUILDER}apercu/", views.formulaire_preview, name="formulaire_preview"),
    path(f"{_BUILDER}coller-un-plan/", plan.plan_read, name="plan_read"),
    path(f"{_BUILDER}coller-un-plan/inserer/", plan.plan_insert, name="plan_insert"),
    path(f"{_BUILDER}ajouter-un-champ/", views.champ_add, name="champ_add"),
    path(f"{_BUILDER}annuler-la-suppression/", views.champ_restore, name="champ_restore"),
    path(_CHAMP, views.champ_edit, name="champ_edit"),
    path(f"{_CHAMP}deplacer/", views.champ_move, name="champ_move"),
    path(f"{_CHAMP}dupliquer/", views.champ_duplicate, name="champ_duplicate"),
    path(f"{_CHAMP}supprimer/", views.champ_delete, name="champ_delete"),
    path(f"{_CHAMP}modele/", views.formulaire_vierge_set, name="formulaire_vierge_set"),
    path(
        f"{_CHAMP}modele/retirer/",
        views.formulaire_vierge_remove,
        name="formulaire_vierge_remove",
    ),
    path(
        "formulaires-vierges/<int:pk>/",
        views.formulaire_vierge_download,
        name="formulaire_vierge_download",
    ),
]
