"""Every path of the site, by the people it serves."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("compte/", include("accounts.urls")),
    path("admin/", admin.site.urls),
    path("demo/courriels/", include("courriels.urls")),
    path("demo/", include("entreprise_api.urls")),
    path("", include("procedures.urls")),
    path("", include("dossiers.urls")),
    path("instruction/", include("instruction.urls")),
]
