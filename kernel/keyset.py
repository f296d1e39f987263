"""Pages of long lists by keyset: the last is as quick as the first, and rows may come and go meanwhile.

A cursor is where a page began or ended: the values of the row there, signed for its order. It is opaque to its
reader and harmless when made up: a cursor that was not written here for this order is the first page.
"""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

from django.core import signing
from django.db.models import F, Model, Q, QuerySet, Value
from django.db.models.functions import Cast

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Order:
    """One column to sort by and a unique whole number that settles ties, both in one direction.

    Rows whose `lookup` is null come last in either direction. `tie` may equal `lookup`. With `by`, an expression,
    `lookup` is the name that its value is given: one that no other expression has, as cursors are bound to it.
    """

    lookup: str
    tie: str = "id"
    descending: bool = False
    nullable: bool = False
    by: Any = field(default=None, repr=False, compare=False)

    def reversed(self) -> "Order":
        return Order(self.lookup, self.tie, not self.descending, self.nullable, self.by)

    def sorted(self, rows: QuerySet[Any, M], *, back: bool = False) -> QuerySet[Any, M]:
        """The rows, in which `named` has been seen to, in this order, or with `back` in the opposite one."""
        down = self.descending != back
        nulls: dict[str, bool] = {}
        if self.nullable:  # said only where needed: for other columns it would keep the index from being used
            nulls = {"nulls_first": True} if back else {"nulls_last": True}
        value, tie = F(self.lookup), F(self.tie)
        if down:
            return rows.order_by(value.desc(**nulls), tie.desc())
        return rows.order_by(value.asc(**nulls), tie.asc())

    def named(self, rows: QuerySet[Any, M]) -> QuerySet[Any, M]:
        """The rows with what they are sorted by under its name."""
        return rows if self.by is None else rows.alias(**{self.lookup: self.by})


@dataclass(frozen=True)
class Page(Generic[M]):
    """Rows in order; `before` and `after` are the neighbouring pages' cursors, empty where there is none."""

    rows: Sequence[M]
    before: str
    after: str


def page(rows: QuerySet[M], *, order: Order, size: int, cursor: str = "") -> Page[M]:
    """The page of `rows` that the cursor names, in one query."""
    signer = signing.Signer(salt=f"keyset:{order}")
    found = _read(signer, cursor)
    asked = order.named(rows).annotate(keyset_value=F(order.lookup), keyset_tie=F(order.tie))
    if found is not None:
        direction, value, tie = found
        if isinstance(value, list):
            # PostgreSQL compares lists of one type only, and takes ours for lists of texts.
            field = asked.query.annotations["keyset_value"].output_field
            value = Cast(Value(value, field), field)
        asked = asked.filter(_beyond(order, direction == "before", value, tie))
    back = found is not None and found[0] == "before"
    many = list(order.sorted(asked, back=back)[: size + 1])
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


def _beyond(order: Order, back: bool, value: Any, tie: int) -> Q:
    """The rows that stand after (or, going back, before) the one with this value and tie."""
    side = "lt" if order.descending != back else "gt"
    past_tie = Q(**{f"{order.tie}__{side}": tie})
    if value is None:
        empty = Q(**{f"{order.lookup}__isnull": True})
        return (empty & past_tie) | ~empty if back else empty & past_tie
    further = Q(**{f"{order.lookup}__{side}": value})
    same = Q(**{order.lookup: value}) & past_tie
    if order.nullable and not back:
        return further | same | Q(**{f"{order.lookup}__isnull": True})
    # The first condition alone is a range of the index; the second drops what was shown of equal values.
    return Q(**{f"{order.lookup}__{side}e": value}) & (further | same)


def _write(signer: signing.Signer, direction: str, row: Any) -> str:
    value = row.keyset_value
    kind = {datetime: "t", date: "d", Decimal: "n"}.get(type(value), "")
    text = value.isoformat() if kind in ("t", "d") else str(value) if kind else value
    written = json.dumps([direction, kind, text, row.keyset_tie], separators=(",", ":"))
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
