"""Paths: the procédure that comes next."""

from django.urls import path

from procedures.views import enchainement

_ONE = "administration/procedures/<int:pk>/enchainement/"

urlpatterns = [
    path(_ONE, enchainement.enchainement_edit, name="enchainement_edit"),
    path(f"{_ONE}reponses/", enchainement.enchainement_mapping, name="enchainement_mapping"),
    path(f"{_ONE}retirer/", enchainement.enchainement_remove, name="enchainement_remove"),
]
