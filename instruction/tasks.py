"""What workers and the clock do for those who instruct."""

from celery import shared_task


@shared_task
def send_due_syntheses() -> None:
    """Begin the digests whose hour has come, and take up those left behind."""
    from django.utils import timezone  # noqa: PLC0415 -- once Django is ready

    from instruction.notifications.envoi import take_due  # noqa: PLC0415 -- same reason

    for pk in take_due(timezone.now()):
        run_envoi_synthese.delay(pk)


@shared_task
def run_envoi_synthese(pk: int) -> None:
    """Write some digests of one sending; safe to run twice, or two at once."""
    from instruction.notifications.envoi import carry_on  # noqa: PLC0415 -- same reason

    if not carry_on(pk):
        run_envoi_synthese.delay(pk)


@shared_task
def remind_of_avis() -> None:
    """Remind those whose avis is soon due, or late."""
    from instruction.avis import remind_due  # noqa: PLC0415 -- once models are loaded

    remind_due()
