"""Pagination by keyset: as fast on the last page as on the first, whatever the number of rows."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import reduce
from operator import or_

from django.core import signing
from django.db.models import F, Q, QuerySet

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


def paginate(
    queryset: QuerySet, order: list[str], cursor: str | None, size: int, *, nullable: bool = False
) -> Page:
    """Return the page of `queryset` that `cursor` names, the first one without a valid cursor.

    `order` lists names of fields or annotations, with `-` for descending; the last must be unique.
    None may be NULL, but the first one where `nullable` says so: its NULLs always come last.
    A cursor is signed for its order: a forged, outdated or foreign one leads to the first page.
    """
    place = _read(cursor, order)
    backwards = place is not None and place["backwards"]
    directions = [_flip(name) for name in order] if backwards else order
    rows_query = queryset.order_by(*_ordering(directions, nullable, backwards=backwards))
    if place is not None:
        beyond = _beyond_nullable if nullable else _beyond
        rows_query = rows_query.filter(beyond(directions, place["values"], backwards=backwards))
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


def neighbours(queryset: QuerySet, order: list[str], row, *, nullable: bool = False) -> tuple:
    """Return the rows of `queryset` just before and just after `row` in `order`, None for none.

    `row` itself need not be in the queryset any more, but has the values of `order`.
    """
    values = _values(row, order)
    flipped = [_flip(name) for name in order]
    beyond = _beyond_nullable if nullable else _beyond
    before = queryset.filter(beyond(flipped, values, backwards=True))
    after = queryset.filter(beyond(order, values, backwards=False))
    return (
        before.order_by(*_ordering(flipped, nullable, backwards=True)).first(),
        after.order_by(*_ordering(order, nullable, backwards=False)).first(),
    )


def _flip(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _ordering(order: list[str], nullable: bool, *, backwards: bool) -> list:
    """Return what `order_by` takes; NULLs come last, hence first when one reads backwards."""
    if not nullable:
        return order
    first, *others = order
    nulls = {"nulls_first": True} if backwards else {"nulls_last": True}
    column = F(first.lstrip("-"))
    return [column.desc(**nulls) if first.startswith("-") else column.asc(**nulls), *others]


def _beyond(order: list[str], values: list, *, backwards: bool = False) -> Q:
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


def _beyond_nullable(order: list[str], values: list, *, backwards: bool) -> Q:
    """Return the same where the first column may be NULL: beyond all others, unless backwards."""
    name, value = order[0].lstrip("-"), values[0]
    missing = Q(**{f"{name}__isnull": True})
    rest = _beyond(order[1:], values[1:])
    if value is None:
        return (missing & rest) | ~missing if backwards else missing & rest
    operator = "lt" if order[0].startswith("-") else "gt"
    further = Q(**{f"{name}__{operator}": value}) | (Q(**{name: value}) & rest)
    return further if backwards else further | missing


def _write(row, order: list[str], *, backwards: bool) -> str:
    values = [_packed(value) for value in _values(row, order)]
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
    return {"backwards": bool(backwards), "values": [_unpacked(value) for value in values]}


def _packed(value):
    """Return a value as JSON holds it."""
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    if isinstance(value, date):
        return {"on": value.isoformat()}
    return {"number": str(value)} if isinstance(value, Decimal) else value


def _unpacked(value):
    if not isinstance(value, dict):
        return value
    [(kind, text)] = value.items()
    readers = {"at": datetime.fromisoformat, "on": date.fromisoformat, "number": Decimal}
    return readers[kind](text)
