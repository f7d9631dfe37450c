"""Paths of the test mode: its link, and its page in the cockpit."""

from django.urls import path

from dossiers.views import essais

_MANAGE = "administration/procedures/<int:pk>/mode-test/"

urlpatterns = [
    path("essai/<slug:token>/", essais.essai_public, name="essai_public"),
    path("essai/<slug:token>/commencer/", essais.essai_start, name="essai_start"),
    path(_MANAGE, essais.essai_manage, name="essai_manage"),
    path(f"{_MANAGE}lien/", essais.essai_link_create, name="essai_link_create"),
    path(f"{_MANAGE}lien/revoquer/", essais.essai_link_revoke, name="essai_link_revoke"),
    path(f"{_MANAGE}inviter/", essais.essai_invite, name="essai_invite"),
    path(f"{_MANAGE}effacer/", essais.essai_erase, name="essai_erase"),
]
