from django.apps import AppConfig


class ProceduresConfig(AppConfig):
    name = "procedures"
    verbose_name = "Procédures"

    def ready(self):
        from procedures import agents  # noqa: F401, PLC0415 -- connects its receivers
