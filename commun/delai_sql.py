"""Queries that may be long, stopped before one waits for ever."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled


class TooLong(Exception):
    """PostgreSQL was stopped: what was asked takes longer than allowed."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Stop each query made inside after `seconds`. Raises TooLong."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('statement_timeout', %s, true)", [str(int(seconds * 1000))]
            )
            yield
            cursor.execute("SELECT set_config('statement_timeout', '0', true)")
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TooLong from error
        raise
