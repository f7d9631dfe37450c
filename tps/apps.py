from django.apps import AppConfig


class TpsConfig(AppConfig):
    name = "tps"
    verbose_name = "TPS"
