"""Paths: the groupes of accompagnateurs, their rules, made from a champ or from a file."""

from django.urls import path

from procedures.views import groupes, groupes_csv

_ALL = "administration/procedures/<int:pk>/groupes/"
_ONE = f"{_ALL}<int:groupe_pk>/"

urlpatterns = [
    path(f"{_ALL}nouveau/", groupes.groupe_create, name="groupe_create"),
    path(f"{_ALL}a-partir-d-un-champ/", groupes.groupe_wizard, name="groupe_wizard"),
    path(f"{_ALL}importer/", groupes_csv.groupe_import, name="groupe_import"),
    path(f"{_ALL}exporter/", groupes_csv.groupe_export, name="groupe_export"),
    path(_ONE, groupes.groupe_detail, name="groupe_detail"),
    path(f"{_ONE}modifier/", groupes.groupe_edit, name="groupe_edit"),
    path(f"{_ONE}regle/", groupes.groupe_rule, name="groupe_rule"),
    path(f"{_ONE}deplacer/", groupes.groupe_move, name="groupe_move"),
]
