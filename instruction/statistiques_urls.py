"""Paths of the statistics, in the space of each who may see them."""

from django.urls import path

from instruction.views import statistiques as views

_ADMINISTRATION = "administration/procedures/<int:pk>/statistiques/"
_INSTRUCTION = "instruction/procedures/<int:pk>/statistiques/"
_PUBLIC = "statistiques/<slug:slug>/"

app_name = "statistiques"
urlpatterns = [
    path(_ADMINISTRATION, views.administration_show, name="administration_show"),
    path(
        f"{_ADMINISTRATION}publication/",
        views.administration_publish,
        name="administration_publish",
    ),
    path(
        f"{_ADMINISTRATION}<slug:figure>.csv", views.administration_csv, name="administration_csv"
    ),
    path(
        f"{_ADMINISTRATION}<slug:figure>.png", views.administration_png, name="administration_png"
    ),
    path(_INSTRUCTION, views.instruction_show, name="instruction_show"),
    path(f"{_INSTRUCTION}<slug:figure>.csv", views.instruction_csv, name="instruction_csv"),
    path(f"{_INSTRUCTION}<slug:figure>.png", views.instruction_png, name="instruction_png"),
    path(_PUBLIC, views.public_show, name="public_show"),
    path(f"{_PUBLIC}<slug:figure>.csv", views.public_csv, name="public_csv"),
    path(f"{_PUBLIC}<slug:figure>.png", views.public_png, name="public_png"),
]
