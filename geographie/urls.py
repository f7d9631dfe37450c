"""Suggestions of places."""

from django.urls import path

from geographie import views
from geographie.simulator import views as simulator

app_name = "geographie"

urlpatterns = [
    path("lieux/adresses/", views.adresse_list, name="adresse_list"),
    path("lieux/communes/", views.commune_list, name="commune_list"),
    path("demo/lieux/", views.demo_lieux, name="demo_lieux"),
    path("demo/lieux/panne/", views.demo_outage_toggle, name="demo_outage_toggle"),
    path("demo/ban/search/", simulator.ban_search, name="simulator_ban"),
    path("demo/geo-api/communes", simulator.geo_communes, name="simulator_communes"),
]
