"""The paths of the administrateurs, under `/administration/`, and the public gallery."""

from procedures.urls import attestation, courriels, echange, formulaire, modeles, procedure

app_name = "procedures"
urlpatterns = [
    *procedure.urlpatterns,
    *echange.urlpatterns,
    *formulaire.urlpatterns,
    *modeles.urlpatterns,
    *courriels.urlpatterns,
    *attestation.urlpatterns,
]
