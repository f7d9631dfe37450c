from django.apps import AppConfig


class EntrepriseApiConfig(AppConfig):
    name = "entreprise_api"
    verbose_name = "API Entreprise"
