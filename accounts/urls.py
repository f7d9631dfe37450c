"""Sign-in, sign-up and the account, under `/compte/`."""

from django.urls import include, path

from accounts import views
from accounts.oidc.identity import FRANCECONNECT, NAMES

# What the provider knows and compares to the letter: these paths are registered there.
_providers = [
    route
    for provider in NAMES
    for route in (
        path(f"{provider}/", views.oidc_begin, {"provider_id": provider}, f"{provider}_begin"),
        path(
            f"{provider}/retour/",
            views.oidc_callback,
            {"provider_id": provider},
            f"{provider}_callback",
        ),
        path(
            f"{provider}/deconnexion/",
            views.oidc_closed,
            {"provider_id": provider},
            f"{provider}_closed",
        ),
    )
]
_liaison = [
    path("", views.identite_choose, name="identite_choose"),
    path("garder/", views.identite_keep, name="identite_keep"),
    path("mot-de-passe/", views.identite_prove, name="identite_prove"),
    path("lien/", views.identite_send_link, name="identite_send_link"),
    path("lien/envoye/", views.identite_link_sent, name="identite_link_sent"),
    path("lien/<str:token>/", views.identite_confirm, name="identite_confirm"),
    path("abandonner/", views.identite_give_up, name="identite_give_up"),
]
urlpatterns = [
    path("", views.account_profile, name="account_profile"),
    path("accueil/", views.account_home, name="account_home"),
    path("invitation/<str:token>/", views.account_invitation, name="account_invitation"),
    *_providers,
    path(f"{FRANCECONNECT}/compte/", include(_liaison)),
    path("identites/<int:pk>/retirer/", views.identite_remove, name="identite_remove"),
    path("deconnexion/", views.identite_close, name="identite_close"),
    # Not `allauth.urls`: the pages of `allauth.socialaccount` know nothing of the rules here.
    path("", include("allauth.account.urls")),
    path("2fa/", include("allauth.mfa.urls")),
]
