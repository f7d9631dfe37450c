"""What workers and the clock do for dossiers."""

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


@shared_task
def start_due_passages() -> None:
    """Begin the passages whose date has come, and take up those left behind."""
    from dossiers.passages import take_due  # noqa: PLC0415 -- models are loaded by then

    for pk in take_due():
        run_passage.delay(pk)


@shared_task
def run_passage(pk: int) -> None:
    """Pass the dossiers of one passage; safe to run twice, or two at once."""
    from dossiers.passages import carry_on  # noqa: PLC0415 -- same reason

    if not carry_on(pk):
        run_passage.delay(pk)


@shared_task
def remind_of_closings() -> None:
    """Write to the owners of brouillons whose procédure closes soon."""
    from dossiers.rappels import remind_due  # noqa: PLC0415 -- same reason

    remind_due()


@shared_task
def run_mise_a_niveau(pk: int) -> None:
    """Move the dossiers of one request; safe to run twice, or two at once."""
    from dossiers.mise_a_niveau import carry_on  # noqa: PLC0415 -- it queues this task

    if not carry_on(pk):
        run_mise_a_niveau.delay(pk)


@shared_task
def sweep_mises_a_niveau() -> None:
    """Take up the moves that a crash or a lost Redis left behind."""
    from dossiers.mise_a_niveau import take_left_behind  # noqa: PLC0415 -- the same

    for pk in take_left_behind():
        run_mise_a_niveau.delay(pk)


@shared_task
def erase_old_tests() -> None:
    """Erase the dossiers of the test mode that are too old."""
    from dossiers import essais  # noqa: PLC0415 -- once models are loaded

    essais.erase_old_tests()


@shared_task
def examine_fichier(label: str, pk: int) -> None:
    """Scan one file and draw its preview; safe to run twice, or ten at once."""
    from dossiers.analyse import examine  # noqa: PLC0415 -- it queues this task

    examine(label, pk)


@shared_task
def sweep_fichiers() -> None:
    """Take up the files that a crash, a lost Redis or a deaf antivirus left behind."""
    from dossiers.analyse import take_left_behind  # noqa: PLC0415 -- the same

    for label, pk in take_left_behind():
        examine_fichier.delay(label, pk)


@shared_task
def erase_abandoned_uploads() -> None:
    """Erase the files that never arrived whole."""
    from dossiers import televersements  # noqa: PLC0415 -- once models are loaded

    televersements.erase_abandoned()


@shared_task
def expire_brouillons() -> None:
    """Warn the owners of brouillons that nobody touches, and put the oldest in the bin."""
    from dossiers.expiration import expire_due  # noqa: PLC0415 -- once models are loaded

    expire_due()


@shared_task
def purge_corbeille() -> None:
    """Erase what has spent its time in the bin."""
    from dossiers.corbeille import purge_due  # noqa: PLC0415 -- once models are loaded

    purge_due()


@shared_task
def refresh_delais() -> None:
    """Reckon again how long each procédure really takes."""
    from dossiers import delais  # noqa: PLC0415 -- once models are loaded

    delais.refresh_delais()


@shared_task
def fold_compteurs() -> None:
    """Keep the counts of dossiers short."""
    from dossiers import compteurs  # noqa: PLC0415 -- once models are loaded

    compteurs.fold()


@shared_task
def follow_echeances() -> None:
    """Decide what a legal deadline decides, and warn of those that come."""
    from dossiers import alertes, silence  # noqa: PLC0415 -- once models are loaded

    silence.decide_due()
    alertes.warn_of_echeances()


@shared_task
def apply_conservation() -> None:
    """Warn of the dossiers whose conservation ends, and erase those whose day has come."""
    from dossiers import conservation  # noqa: PLC0415 -- once models are loaded

    conservation.apply_due()


@shared_task
def run_reroutage(pk: int) -> None:
    """Send the dossiers of one request among their groupes; safe to run twice, or two at once."""
    from dossiers.reroutages import carry_on  # noqa: PLC0415 -- it queues this task

    if not carry_on(pk):
        run_reroutage.delay(pk)


@shared_task
def sweep_reroutages() -> None:
    """Take up those that a crash or a lost Redis left behind."""
    from dossiers.reroutages import take_left_behind  # noqa: PLC0415 -- the same

    for pk in take_left_behind():
        run_reroutage.delay(pk)
