from django.apps import AppConfig


class InstructionConfig(AppConfig):
    name = "instruction"
    verbose_name = "Instruction"

    def ready(self):
        from accounts.roles import Role, register_role  # noqa: PLC0415 -- once models are loaded
        from dossiers.conservation import register_hold  # noqa: PLC0415 -- same reason
        from dossiers.models import Invite  # noqa: PLC0415 -- same reason
        from instruction import avis_receivers, receivers  # noqa: F401, PLC0415 -- they listen
        from instruction.lots.models import at_hand  # noqa: PLC0415 -- same reason
        from instruction.notifications import nouveau_dossier  # noqa: F401, PLC0415 -- it listens
        from procedures.models import Affectation  # noqa: PLC0415 -- same reason

        register_hold(at_hand)
        register_role(
            Role(
                "accompagnateur",
                "Accompagnateur",
                "instruction:procedure_list",
                20,
                lambda user: Affectation.objects.filter(user_id=user.pk),
                is_agent=True,
            )
        )
        register_role(
            Role(
                "invite",
                "Invité par un service",
                "avis:dossier_list",
                15,
                lambda user: Invite.objects.active().of_service().filter(user_id=user.pk),
            )
        )
