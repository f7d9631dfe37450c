"""What the clock does to procédures."""

from celery import shared_task


@shared_task
def close_due_procedures() -> None:
    """Close the procédures whose closing date has come; safe to run twice, or two at once."""
    from procedures.dates import close_due  # noqa: PLC0415 -- models are loaded by then

    close_due()
