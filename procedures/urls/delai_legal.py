"""Paths: the legal deadline of a procédure."""

from django.urls import path

from procedures.views import delai_legal

urlpatterns = [
    path(
        "administration/procedures/<int:pk>/delai-legal/",
        delai_legal.delai_legal_edit,
        name="delai_legal_edit",
    ),
]
