"""What workers do for the dossiers: the PDF of an attestation."""

from celery import shared_task


@shared_task
def make_attestation(pk: int) -> None:
    """Make the PDF of one attestation; safe to run twice, or ten at once."""
    from dossiers.attestations import make  # noqa: PLC0415 -- attestations queues this task

    make(pk)


@shared_task
def sweep_attestations() -> None:
    """Queue again the attestations that a crash or a lost Redis left without a PDF."""
    from dossiers.attestations import take_left_behind  # noqa: PLC0415 -- the same

    for pk in take_left_behind():
        make_attestation.delay(pk)
