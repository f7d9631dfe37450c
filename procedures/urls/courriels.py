"""Paths: the emails of a procédure."""

from django.urls import path

from procedures.views import courriels

_ALL = "administration/procedures/<int:pk>/emails/"

urlpatterns = [
    path(_ALL, courriels.courriel_list, name="courriel_list"),
    path(f"{_ALL}<slug:event>/", courriels.courriel_edit, name="courriel_edit"),
    path(f"{_ALL}<slug:event>/texte-par-defaut/", courriels.courriel_reset, name="courriel_reset"),
]
