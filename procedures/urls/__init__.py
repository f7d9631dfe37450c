"""The paths of the administrateurs, under `/administration/`, and the public gallery."""

from procedures.urls import attestation, courriels, dates, echange, formulaire, modeles, procedure

app_name = "procedures"
urlpatterns = [
    *procedure.urlpatterns,
    *dates.urlpatterns,
    *echange.urlpatterns,
    *formulaire.urlpatterns,
    *modeles.urlpatterns,
    *courriels.urlpatterns,
    *attestation.urlpatterns,
]
