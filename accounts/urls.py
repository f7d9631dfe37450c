"""Sign-in, sign-up and the account, under `/compte/`."""

from django.urls import include, path

from accounts import views

urlpatterns = [
    path("", views.account_profile, name="account_profile"),
    path("accueil/", views.account_home, name="account_home"),
    path("invitation/<str:token>/", views.account_invitation, name="account_invitation"),
    path("", include("allauth.urls")),
]
