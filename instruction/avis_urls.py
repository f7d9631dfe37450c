"""Paths of those whom a service invites to look at a dossier, under `/avis/`."""

from django.urls import path

from instruction.views import avis

app_name = "avis"
urlpatterns = [
    path("", avis.dossier_list, name="dossier_list"),
    path("<int:pk>/", avis.dossier_detail, name="dossier_detail"),
    path("<int:pk>/quitter/", avis.dossier_leave, name="dossier_leave"),
]
