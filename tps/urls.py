"""Every path of the site, by the people it serves."""

from django.contrib import admin
from django.urls import include, path

from tps import views

urlpatterns = [
    path("", views.home, name="home"),
    path("etat/", views.status, name="status"),
    path("mentions-legales/", views.legal, name="legal"),
    path("donnees-personnelles/", views.privacy, name="privacy"),
    path("accessibilite/", views.accessibility, name="accessibility"),
    path("compte/", include("accounts.urls")),
    path("admin/", admin.site.urls),
    path("demo/courriels/", include("courriels.urls")),
    path("demo/", include("entreprise_api.urls")),
    path("", include("geographie.urls")),
    path("", include("procedures.urls")),
    path("", include("dossiers.urls")),
    path("", include("instruction.statistiques_urls")),
    path("instruction/", include("instruction.urls")),
    path("avis/", include("instruction.avis_urls")),
]
handler403 = "tps.views.permission_denied"
