"""Tasks of the queue `courriels`."""

from celery import shared_task

from courriels.delivery import deliver, take_left_behind


@shared_task
def send_courriel(pk: int) -> None:
    """Send one email; safe to run twice, or ten at once."""
    deliver(pk)


@shared_task
def sweep_courriels() -> None:
    """Queue again what is due and was left behind."""
    for pk in take_left_behind():
        send_courriel.delay(pk)
