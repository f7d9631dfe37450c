"""Paths of the form builder, for each part of a form, and of the blank forms."""

from django.urls import path

from procedures.part import ANNOTATIONS, CHAMPS, Part
from procedures.views import formulaire as views
from procedures.views import ineligibilite, plan

_BUILDER = "administration/procedures/<int:pk>/formulaire/"
_INELIGIBILITE = "administration/procedures/<int:pk>/ineligibilite/"
_CHAMP = "champs/<slug:champ_id>/"


def _paths_of(part: Part, base: str) -> list:
    """Return the paths of the builder of a part."""
    views_by_path = [
        ("", views.formulaire_edit),
        ("apercu/", views.formulaire_preview),
        ("coller-un-plan/", plan.plan_read),
        ("coller-un-plan/inserer/", plan.plan_insert),
        ("ajouter-un-champ/", views.champ_add),
        ("annuler/", views.champ_restore),
        (_CHAMP, views.champ_edit),
        (f"{_CHAMP}condition/", views.champ_condition),
        (f"{_CHAMP}deplacer/", views.champ_move),
        (f"{_CHAMP}dupliquer/", views.champ_duplicate),
        (f"{_CHAMP}supprimer/", views.champ_delete),
    ]
    return [
        path(base + end, view, {"part": part}, name=f"{part.url_prefix}{view.__name__}")
        for end, view in views_by_path
    ]


urlpatterns = [
    *_paths_of(CHAMPS, _BUILDER),
    *_paths_of(ANNOTATIONS, "administration/procedures/<int:pk>/annotations/"),
    path(f"{_BUILDER}{_CHAMP}modele/", views.formulaire_vierge_set, name="formulaire_vierge_set"),
    path(
        f"{_BUILDER}{_CHAMP}modele/retirer/",
        views.formulaire_vierge_remove,
        name="formulaire_vierge_remove",
    ),
    path(
        "formulaires-vierges/<int:pk>/",
        views.formulaire_vierge_download,
        name="formulaire_vierge_download",
    ),
    path(_INELIGIBILITE, ineligibilite.ineligibilite_list, name="ineligibilite_list"),
    path(
        f"{_INELIGIBILITE}ajouter/", ineligibilite.ineligibilite_create, name="ineligibilite_create"
    ),
    path(
        f"{_INELIGIBILITE}<slug:rule_id>/",
        ineligibilite.ineligibilite_edit,
        name="ineligibilite_edit",
    ),
    path(
        f"{_INELIGIBILITE}<slug:rule_id>/supprimer/",
        ineligibilite.ineligibilite_delete,
        name="ineligibilite_delete",
    ),
]
