"""The pages of the demo about companies, and the simulator of API Entreprise, under `demo/`."""

from django.urls import path

from entreprise_api import views
from entreprise_api.simulator import views as simulator

app_name = "entreprise_api"

_API = "api-entreprise"
_INSEE = f"{_API}/v4/insee/sirene/etablissements"

urlpatterns = [
    path("entreprises/", views.demo_companies, name="demo_companies"),
    path("entreprises/panne/", views.demo_outage_toggle, name="demo_outage_toggle"),
    path(f"{_API}/privileges", simulator.privileges, name="simulator_privileges"),
    path(f"{_API}/ping/insee/sirene", simulator.ping_insee, name="simulator_ping"),
    path(f"{_INSEE}/<str:siret>", simulator.etablissement, name="simulator_etablissement"),
    path(
        f"{_INSEE}/diffusibles/<str:siret>",
        simulator.etablissement_diffusible,
        name="simulator_etablissement_diffusible",
    ),
    path(
        f"{_API}/v3/infogreffe/rcs/unites_legales/<str:siren>/extrait_kbis",
        simulator.extrait_rcs,
        name="simulator_extrait_rcs",
    ),
]
