"""Paths of those whom a service invites to look at a dossier, under `/avis/`."""

from django.urls import path

from instruction.views import avis, avis_answers

app_name = "avis"
urlpatterns = [
    path("", avis.dossier_list, name="dossier_list"),
    path("<int:pk>/", avis.dossier_detail, name="dossier_detail"),
    path("<int:pk>/quitter/", avis.dossier_leave, name="dossier_leave"),
    path("<int:pk>/demandes/<int:avis_pk>/", avis.avis_answer, name="avis_answer"),
    path(
        "<int:pk>/demandes/<int:avis_pk>/transmettre/", avis.avis_hand_over, name="avis_hand_over"
    ),
    path("fichiers/<int:pk>/", avis_answers.file_download, name="file_download"),
    path("fichiers/<int:pk>/apercu/", avis_answers.file_preview, name="file_preview"),
    path("fichiers/<int:pk>/etat/", avis_answers.file_state, name="file_state"),
]
