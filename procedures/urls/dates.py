"""Paths: the dates of a procédure, its texts, its messagerie."""

from django.urls import path

from procedures.views import dates, messagerie

_ONE = "administration/procedures/<int:pk>/"

urlpatterns = [
    path(f"{_ONE}dates/", dates.dates_edit, name="dates_edit"),
    path(f"{_ONE}textes/", dates.textes_edit, name="textes_edit"),
    path(f"{_ONE}messagerie/", messagerie.messagerie_edit, name="messagerie_edit"),
]
