"""The paths of the administrateurs, under `/administration/`."""

from procedures.urls import courriels, echange, formulaire, procedure

app_name = "procedures"
urlpatterns = [
    *procedure.urlpatterns,
    *echange.urlpatterns,
    *formulaire.urlpatterns,
    *courriels.urlpatterns,
]
