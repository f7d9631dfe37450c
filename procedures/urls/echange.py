"""Paths: a procédure exported, imported, copied."""

from django.urls import path

from procedures.views import echange

_ONE = "administration/procedures/<int:pk>/"

urlpatterns = [
    path("administration/procedures/importer/", echange.procedure_import, name="procedure_import"),
    path("administration/procedures/copier/", echange.procedure_pick, name="procedure_pick"),
    path(f"{_ONE}exporter/", echange.procedure_export, name="procedure_export"),
    path(f"{_ONE}copier/", echange.procedure_copy, name="procedure_copy"),
]
