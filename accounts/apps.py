from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Comptes"

    def ready(self):
        from accounts import signals  # noqa: F401, PLC0415 -- connects its receivers
        from accounts.models import Organisme, User  # noqa: PLC0415 -- models load before ready
        from accounts.roles import Role, register_role  # noqa: PLC0415 -- same reason

        register_role(
            Role(
                "administrateur",
                "Administrateur",
                "procedures:procedure_list",
                30,
                lambda user: Organisme.administrateurs.through.objects.filter(user_id=user.pk),
                is_agent=True,
            )
        )
        register_role(
            Role(
                "exploitant",
                "Exploitant",
                "admin:index",
                40,
                lambda user: User.objects.filter(pk=user.pk, is_staff=True),
                is_agent=True,
            )
        )
