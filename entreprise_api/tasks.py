"""What workers do for the look-ups: complete one, and find those left behind."""

from celery import shared_task


@shared_task
def complete_etablissement(etablissement_pk: int) -> None:
    """Fetch what one établissement lacks; a failure plans its own next attempt."""
    from entreprise_api.lookup import complete  # noqa: PLC0415 -- lookup queues this task

    complete(etablissement_pk)


@shared_task
def sweep_etablissements() -> None:
    """Queue the établissements whose next attempt is due."""
    from entreprise_api.lookup import sweep  # noqa: PLC0415 -- lookup queues these tasks

    for pk in sweep():
        complete_etablissement.delay(pk)
