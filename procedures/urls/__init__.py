"""The paths of the administrateurs, under `/administration/`, and the public gallery."""

from procedures.urls import (
    attestation,
    courriels,
    dates,
    echange,
    enchainement,
    formulaire,
    groupes,
    liens,
    logo,
    modeles,
    procedure,
)

app_name = "procedures"
urlpatterns = [
    *procedure.urlpatterns,
    *dates.urlpatterns,
    *echange.urlpatterns,
    *enchainement.urlpatterns,
    *formulaire.urlpatterns,
    *liens.urlpatterns,
    *logo.urlpatterns,
    *modeles.urlpatterns,
    *courriels.urlpatterns,
    *attestation.urlpatterns,
    *groupes.urlpatterns,
]
