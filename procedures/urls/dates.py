"""Paths: the dates of a procédure and its texts."""

from django.urls import path

from procedures.views import dates

_ONE = "administration/procedures/<int:pk>/"

urlpatterns = [
    path(f"{_ONE}dates/", dates.dates_edit, name="dates_edit"),
    path(f"{_ONE}textes/", dates.textes_edit, name="textes_edit"),
]
