"""What may go wrong with API Entreprise; `retryable` says whether trying again makes sense."""


class ApiEntrepriseError(Exception):
    """Any failure of a call."""

    retryable = False


class EtablissementNotFound(ApiEntrepriseError):
    """The number is unknown, or outside what the endpoint covers: a final answer."""


class EtablissementNotDiffusible(ApiEntrepriseError):
    """INSEE never diffuses this établissement (HTTP 451): a final answer."""


class ApiUnavailable(ApiEntrepriseError):
    """The API is down, slow, rate limited or unintelligible.

    `retry_after_seconds` is the wait the API asked for, or None; `is_timeout` says that
    the API merely took longer than the caller could wait.
    """

    retryable = True

    def __init__(
        self, message: str, *, retry_after_seconds: int | None = None, is_timeout: bool = False
    ) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds
        self.is_timeout = is_timeout


class ApiRefused(ApiEntrepriseError):
    """Our token or our parameters were refused.

    `is_token_problem` says that ops will mend it with another token: the data can still come
    later, though calling again with the same token is useless.
    """

    def __init__(self, message: str, *, is_token_problem: bool = False) -> None:
        super().__init__(message)
        self.is_token_problem = is_token_problem
