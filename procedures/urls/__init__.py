"""The paths of the administrateurs, under `/administration/`, and the public gallery."""

from procedures.urls import (
    attestation,
    courriels,
    dates,
    delai_legal,
    echange,
    enchainement,
    formulaire,
    groupes,
    labels,
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
    *labels.urlpatterns,
    *delai_legal.urlpatterns,
    *groupes.urlpatterns,
]
