"""Paths: prefilled links."""

from django.urls import path

from procedures.views import liens

urlpatterns = [
    path(
        "administration/procedures/<int:pk>/liens-pre-remplis/",
        liens.lien_create,
        name="lien_create",
    ),
]
