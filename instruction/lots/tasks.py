"""What workers and the clock do for batches."""

from celery import shared_task


@shared_task(name="instruction.lots.tasks.run_lot")
def run_lot(pk: int) -> None:
    """Treat the dossiers of one batch; safe to run twice, or two at once."""
    from instruction.lots.execution import carry_on  # noqa: PLC0415 -- it queues this task

    if not carry_on(pk):
        run_lot.delay(pk)


@shared_task(name="instruction.lots.tasks.sweep_lots")
def sweep_lots() -> None:
    """Take up the batches that a crash or a lost Redis left behind."""
    from instruction.lots.execution import take_left_behind  # noqa: PLC0415 -- the same

    for pk in take_left_behind():
        run_lot.delay(pk)
