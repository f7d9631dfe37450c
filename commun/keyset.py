"""Pagination by keyset: as fast on the last page as on the first, whatever the number of rows."""

from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from django.core import signing
from django.db.models import Q, QuerySet

_SALT = "keyset"


@dataclass(frozen=True)
class Page:
    """Some rows, and the cursors (None where there is nothing) of the pages beside them."""

    rows: list
    next_cursor: str | None
    previous_cursor: str | None

    def __iter__(self):
        return iter(self.rows)

    def __len__(self):
        return len(self.rows)


def paginate(queryset: QuerySet, order: list[str], cursor: str | None, size: int) -> Page:
    """Return the page of `queryset` that `cursor` names, the first one without a valid cursor.

    `order` lists field names, with `-` for descending; the last must be unique and none nullable.
    A cursor is signed for its order: a forged, outdated or foreign one leads to the first page.
    """
    place = _read(cursor, order)
    backwards = place is not None and place["backwards"]
    directions = [_flip(name) for name in order] if backwards else order
    rows_query = queryset.order_by(*directions)
    if place is not None:
        rows_query = rows_query.filter(_beyond(directions, place["values"]))
    found = list(rows_query[: size + 1])
    more, rows = len(found) > size, found[:size]
    if backwards:
        rows.reverse()
    has_next = more if not backwards else True
    has_previous = more if backwards else place is not None
    return Page(
        rows=rows,
        next_cursor=_write(rows[-1], order, backwards=False) if rows and has_next else None,
        previous_cursor=_write(rows[0], order, backwards=True) if rows and has_previous else None,
    )


def neighbours(queryset: QuerySet, order: list[str], row) -> tuple:
    """Return the rows of `queryset` just before and just after `row` in `order`, None for none.

    `row` itself need not be in the queryset any more.
    """
    values = _values(row, order)
    backwards = [_flip(name) for name in order]
    return (
        queryset.filter(_beyond(backwards, values)).order_by(*backwards).first(),
        queryset.filter(_beyond(order, values)).order_by(*order).first(),
    )


def _flip(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _beyond(order: list[str], values: list) -> Q:
    """Return the condition « after the row of `values` » in the given order.

    The bound on the first column alone lets PostgreSQL enter an index at that place, which it
    cannot do with alternatives.
    """
    operator = "lte" if order[0].startswith("-") else "gte"
    bound = Q(**{f"{order[0].lstrip('-')}__{operator}": values[0]})
    alternatives = []
    for rank, name in enumerate(order):
        operator = "lt" if name.startswith("-") else "gt"
        equal = {order[before].lstrip("-"): values[before] for before in range(rank)}
        alternatives.append(Q(**equal, **{f"{name.lstrip('-')}__{operator}": values[rank]}))
    return bound & reduce(or_, alternatives)


def _write(row, order: list[str], *, backwards: bool) -> str:
    values = [
        {"at": value.isoformat()} if isinstance(value, datetime) else value
        for value in _values(row, order)
    ]
    return signing.dumps([int(backwards), *values], salt=_salt(order), compress=True)


def _values(row, order: list[str]) -> list:
    """Return the values of `row` in the columns of `order`, followed through relations."""
    return [reduce(getattr, name.lstrip("-").split("__"), row) for name in order]


def _salt(order: list[str]) -> str:
    """Return what keeps a cursor of one order, a title and a number, out of a list by dates."""
    return f"{_SALT}:{','.join(order)}"


def _read(cursor: str | None, order: list[str]) -> dict | None:
    if not cursor:
        return None
    try:
        backwards, *values = signing.loads(cursor, salt=_salt(order))
    except (signing.BadSignature, ValueError):
        return None
    decoded = [
        datetime.fromisoformat(value["at"]) if isinstance(value, dict) else value
        for value in values
    ]
    return {"backwards": bool(backwards), "values": decoded}
