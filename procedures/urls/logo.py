"""Paths: the logo of a procédure."""

from django.urls import path

from procedures.views import logo

_ONE = "administration/procedures/<int:pk>/"

urlpatterns = [
    path(f"{_ONE}logo/", logo.logo_edit, name="logo_edit"),
    path(f"{_ONE}logo/retirer/", logo.logo_remove, name="logo_remove"),
    path("procedures/<int:pk>/logo/", logo.logo_show, name="logo_show"),
]
