"""What may go wrong with the Base Adresse Nationale and geo.api.gouv.fr."""


class GeographieUnavailable(Exception):
    """The service is down, slow, rate limited or unintelligible: later it may answer.

    `retry_after_seconds` is the wait it asked for, None when it asked for none.
    """

    def __init__(self, message: str, *, retry_after_seconds: int | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds
