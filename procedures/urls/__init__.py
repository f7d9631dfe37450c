"""The paths of the administrateurs, under `/administration/`."""

from procedures.urls import courriels, formulaire, procedure

app_name = "procedures"
urlpatterns = procedure.urlpatterns + formulaire.urlpatterns + courriels.urlpatterns
