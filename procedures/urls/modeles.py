"""Paths: the public gallery of shared forms, and its copies."""

from django.urls import path

from procedures.views import modeles

urlpatterns = [
    path("modeles/", modeles.modele_list, name="modele_list"),
    path("modeles/<slug:slug>/", modeles.modele_detail, name="modele_detail"),
    path("administration/modeles/<slug:slug>/copier/", modeles.modele_copy, name="modele_copy"),
    path("administration/procedures/<int:pk>/modele/", modeles.modele_set, name="modele_set"),
]
