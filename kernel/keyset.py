"""Pages of long lists by keyset: the last is as quick as the first, and rows may come and go meanwhile.

A cursor is where a page began or ended: the values of the row there, signed for its order. It is opaque to its
reader and harmless when made up: a cursor that was not written here for this order is the first page.
"""

import base64
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.expressions import ArraySubquery
from django.core import signing
from django.db.models import (
    BooleanField,
    Case,
    Count,
    F,
    Func,
    Model,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Order:
    """One column to sort by and a unique whole number or UUID that settles ties, both in one direction.

    Rows whose `lookup` is null come last in either direction. `tie` may equal `lookup`. With `by`, an expression,
    `lookup` is the name that its value is given: one that no other expression has, as cursors are bound to it; `joins` makes
    the relations that it reads (`FilteredRelation`, which Django uses up), by name; none has several rows of one.
    `beside` is a condition that holds of all rows whose value is known, and lets an index be used.
    """

    lookup: str
    tie: str = "id"
    descending: bool = False
    nullable: bool = False
    by: Any = field(default=None, repr=False, compare=False)
    beside: Q | None = field(default=None, repr=False, compare=False)
    joins: Callable[[], Mapping[str, Any]] = field(default=dict, repr=False, compare=False)

    def reversed(self) -> "Order":
        return replace(self, descending=not self.descending)

    def sorted(self, rows: QuerySet[Any, M]) -> QuerySet[Any, M]:
        """All of the rows in this order, by one query."""
        # Said only where needed: for other columns it would keep the index from being used.
        nulls = {"nulls_last": True} if self.nullable else {}
        value, tie = F(self.lookup), F(self.tie)
        if self.descending:
            return self.named(rows).order_by(value.desc(**nulls), tie.desc())
        return self.named(rows).order_by(value.asc(**nulls), tie.asc())

    def named(self, rows: QuerySet[Any, M]) -> QuerySet[Any, M]:
        """The rows with what they are sorted by under its name."""
        return rows if self.by is None else rows.alias(**self.joins()).alias(**{self.lookup: self.by})


@dataclass(frozen=True)
class Within:
    """The parts in which rows lie, by the rows' field: each part's own rows are known to an index in the asked order."""

    parts: QuerySet[Any]
    field: str


@dataclass(frozen=True)
class Page(Generic[M]):
    """Rows in order; `before` and `after` are the neighbouring pages' cursors, empty where there is none."""

    rows: Sequence[M]
    before: str
    after: str


def page(
    rows: QuerySet[M],
    *,
    order: Order,
    size: int,
    cursor: str = "",
    wide: Callable[[QuerySet[M]], QuerySet[M]] | None = None,
    within: Within | None = None,
) -> Page[M]:
    """The page of `rows` that the cursor names: in one query, or in two where the known values end on it.

    Where much is joined to them by `wide`, the rows of the page are found first and joined then. `within` parts, the
    first rows of each are found, and the page is made of these: the rows of many parts are never sorted together.
    """
    signer = signing.Signer(salt=f"keyset:{order}")
    found = _read(signer, cursor)
    asked = _with_place(rows, order)
    back = found is not None and found[0] == "before"
    many: list[M] = []
    for stretch in _stretches(asked, order, found):
        if len(many) <= size:
            part = stretch[: size + 1 - len(many)]
            if within is not None:
                first = _first_of_each(stretch, within, size + 1 - len(many))
                part = asked.filter(is_among(first)).order_by(*stretch.query.order_by)[: size + 1 - len(many)]
            if wide is not None:
                # By their keys alone: what narrows was asked of them already.
                shown_rows = wide(rows.model._default_manager.filter(is_among(part.values("pk"))))
                part = _with_place(shown_rows, order).order_by(*stretch.query.order_by)
            many += part
    more, shown = len(many) > size, many[:size]
    if back:
        shown.reverse()
    if not shown:
        return Page([], "", "")
    started = found is not None if not back else more
    goes_on = more if not back else True
    return Page(
        shown,
        before=_write(signer, "before", shown[0]) if started else "",
        after=_write(signer, "after", shown[-1]) if goes_on else "",
    )


def behind(row: QuerySet[Any], *, order: Order) -> str:
    """The cursor of the page that begins behind the one row there is, empty where there is none."""
    found = _with_place(row, order).first()
    return "" if found is None else _write(signing.Signer(salt=f"keyset:{order}"), "after", found)


def counted(rows: QuerySet[M], *, of: QuerySet[M], most: int, few: int) -> tuple[int, QuerySet[M]]:
    """How many rows there are, counted up to `most`, and the same rows. Where they are `few` at most, these are those
    `of` a list that have the keys which were found: whoever reads a page of them does not look for them once more."""
    found = (
        rows.order_by()
        .values("pk")[:most]
        .aggregate(
            many=Count("pk"),
            # As the database writes them: nothing is done to them on their way there and back.
            keys=Case(When(many__lte=few, then=Cast(ArrayAgg("pk"), TextField()))),
        )
    )
    if found["many"] > few:
        return found["many"], rows
    return found["many"], of.filter(_is_one_of(found["keys"] or "{}"))


def _is_one_of(keys: str) -> Func:
    return Func(
        F("pk"),
        Value(keys),
        template="%(expressions)s::bigint[])",
        arg_joiner=" = ANY(",
        output_field=BooleanField(),
    )


def is_among(rows: QuerySet[Any]) -> Func:
    """That a row is one of these keys, which are found once: an array, as a table without statistics makes the planner
    look for them anew at each row."""
    return Func(
        F("pk"),
        ArraySubquery(rows),
        template="%(expressions)s)",
        arg_joiner=" = ANY(",
        output_field=BooleanField(),
    )


def _with_place(rows: QuerySet[M], order: Order) -> QuerySet[Any, M]:
    """The rows with what a cursor tells of them."""
    return order.named(rows).annotate(keyset_value=F(order.lookup), keyset_tie=F(order.tie))


def _first_of_each(stretch: QuerySet[Any], within: Within, many: int) -> QuerySet[Any]:
    """The first rows of each part, as their keys."""
    first = ArraySubquery(stretch.filter(**{within.field: OuterRef("pk")}).values("pk")[:many])
    rows = within.parts.order_by().annotate(first_of_part=Func(first, function="unnest"))
    return rows.values("first_of_part")


def _stretches(
    asked: QuerySet[M], order: Order, found: tuple[str, Any, int] | None
) -> Iterator[QuerySet[Any, M]]:
    """What stands on from the cursor, in its direction: rows whose value is known, and those where it is null. Each by
    itself can be walked by an index."""
    back = found is not None and found[0] == "before"
    down = order.descending != back
    value, tie = F(order.lookup), F(order.tie)
    by_tie = tie.desc() if down else tie.asc()
    in_order = [value.desc() if down else value.asc(), by_tie]
    if not order.nullable:
        yield (_beyond(asked, order, found) if found else asked).order_by(*in_order)
        return
    if order.by is not None:
        # No index knows its values, each of which takes a while: all in one go.
        yield _in_one_go(asked, order, found)
        return
    known = asked.filter(**{f"{order.lookup}__isnull": False})
    if order.beside is not None:
        known = known.filter(order.beside)
    empty = asked.filter(**{f"{order.lookup}__isnull": True})
    if found is not None and found[1] is None:
        side = "lt" if down else "gt"
        yield empty.filter(**{f"{order.tie}__{side}": found[2]}).order_by(by_tie)
        if back:
            yield known.order_by(*in_order)
        return
    yield (_beyond(known, order, found) if found else known).order_by(*in_order)
    if not back:
        yield empty.order_by(by_tie)


def _in_one_go(asked: QuerySet[M], order: Order, found: tuple[str, Any, int] | None) -> QuerySet[Any, M]:
    back = found is not None and found[0] == "before"
    down = order.descending != back
    if found is not None:
        side = "lt" if down else "gt"
        past_tie, empty = {f"{order.tie}__{side}": found[2]}, Q(**{f"{order.lookup}__isnull": True})
        if found[1] is None:
            further = (empty & Q(**past_tie)) | ~empty if back else empty & Q(**past_tie)
        else:
            further = Q(**{f"{order.lookup}__{side}": found[1]}) | Q(**{order.lookup: found[1]}, **past_tie)
            further = further if back else further | empty
        asked = asked.filter(further)
    nulls = {"nulls_first": True} if back else {"nulls_last": True}
    value, tie = F(order.lookup), F(order.tie)
    if down:
        return asked.order_by(value.desc(**nulls), tie.desc())
    return asked.order_by(value.asc(**nulls), tie.asc())


def _beyond(rows: QuerySet[M], order: Order, found: tuple[str, Any, int]) -> QuerySet[Any, M]:
    """The rows that stand after (or, going back, before) the one with this value and tie."""
    direction, value, tie = found
    if isinstance(value, list):
        # PostgreSQL compares lists of one type only, and takes ours for lists of texts.
        field = rows.query.annotations["keyset_value"].output_field
        value = Cast(Value(value, field), field)
    side = "lt" if order.descending != (direction == "before") else "gt"
    further = Q(**{f"{order.lookup}__{side}": value})
    same = Q(**{order.lookup: value, f"{order.tie}__{side}": tie})
    # The first condition alone is a range of the index; the second drops what was shown of equal values.
    return rows.filter(Q(**{f"{order.lookup}__{side}e": value}) & (further | same))


def _write(signer: signing.Signer, direction: str, row: Any) -> str:
    value = row.keyset_value
    kind = {datetime: "t", date: "d", Decimal: "n"}.get(type(value), "")
    text = value.isoformat() if kind in ("t", "d") else str(value) if kind else value
    written = json.dumps([direction, kind, text, row.keyset_tie], separators=(",", ":"), default=str)
    return signer.sign(base64.urlsafe_b64encode(written.encode()).decode().rstrip("="))


def _read(signer: signing.Signer, cursor: str) -> tuple[str, Any, int] | None:
    """(direction, value, tie), or None for a cursor that is empty or was not written here."""
    try:
        encoded = signer.unsign(cursor)
    except signing.BadSignature:
        return None
    direction, kind, text, tie = json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    return direction, _READ[kind](text) if kind else text, tie


_READ: dict[str, Callable[[str], Any]] = {
    "t": datetime.fromisoformat,
    "d": date.fromisoformat,
    "n": Decimal,
}
