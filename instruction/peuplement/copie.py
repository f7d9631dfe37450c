"""Rows written by COPY, the fastest way into PostgreSQL."""

from collections.abc import Iterable, Sequence

from django.db import connection, models
from psycopg import sql


class Copie:
    """The copy of many rows into the table of a model.

    Rows give the fields named; the others take the defaults of the model, the primary key, when
    it is not named, its sequence.
    """

    def __init__(self, model: type[models.Model], *names: str):
        self.model = model
        given = [model._meta.get_field(name) for name in names]
        others = [
            field
            for field in model._meta.concrete_fields
            if field not in given and not field.generated and not field.primary_key
        ]
        example = model()
        self._fixed = tuple(
            field.get_db_prep_save(field.pre_save(example, add=True), connection)
            for field in others
        )
        self._statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(model._meta.db_table),
            sql.SQL(", ").join(sql.Identifier(field.column) for field in given + others),
        )

    def write(self, rows: Iterable[Sequence]) -> None:
        """Write the rows, whose values are in the order of the names given."""
        with connection.cursor() as cursor, cursor.copy(self._statement) as copy:
            for row in rows:
                copy.write_row((*row, *self._fixed))


def reserve_ids(model: type[models.Model], count: int) -> list[int]:
    """Take `count` primary keys from the sequence of a model."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [model._meta.db_table, model._meta.pk.column, count],
        )
        return [row[0] for row in cursor.fetchall()]
