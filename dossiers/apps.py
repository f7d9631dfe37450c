from django.apps import AppConfig


class DossiersConfig(AppConfig):
    name = "dossiers"
    verbose_name = "Dossiers"

    def ready(self):
        from accounts.roles import Role, register_role  # noqa: PLC0415 -- once models are loaded
        from dossiers import receivers  # noqa: F401, PLC0415 -- connects its receivers
        from dossiers.effets import count_effets  # noqa: PLC0415 -- same reason
        from procedures.effets import register_counter  # noqa: PLC0415 -- same reason

        register_counter(count_effets)
        register_role(Role("usager", "Usager", "dossiers:dossier_list", 10))
