"""Paths: the attestation that a procédure issues."""

from django.urls import path

from procedures.views import attestation

_ONE = "administration/procedures/<int:pk>/attestation/"

urlpatterns = [
    path(_ONE, attestation.attestation_edit, name="attestation_edit"),
    path(f"{_ONE}pdf/", attestation.attestation_pdf, name="attestation_pdf"),
    path(f"{_ONE}texte-par-defaut/", attestation.attestation_reset, name="attestation_reset"),
]
