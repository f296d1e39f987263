"""What can be paid for besides dues: apps say so here, and whoever takes money does it for them, neither knowing the other.

A `Payable` keeps what is wanted while it is paid for, hands it over once it is, and lets go of it where it is not. The
`Till` takes an order for it; it lives above, and hands itself in. While there is none, nothing that costs is sold.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from django.utils.functional import Promise

from kernel.money import Money
from kernel.registry import Registry


@dataclass(frozen=True)
class Line:
    """One thing that is paid for: `gross` in the smallest units of the order's currency, with its tax (basis points);
    earned on that day of the community's, None for at once."""

    words: str
    gross: int
    tax_rate: int = 0
    earned_on: date | None = None


@dataclass(frozen=True)
class Kept:
    """What is kept for whoever pays for it: its parts, each with a line, what it is called, until when it is kept, and from
    when on nobody can have it any more. A part is known by its position, and can be given back by itself
    (`payable.returned`)."""

    title: str
    lines: Sequence[Line]
    currency: str
    until: datetime
    ends_at: datetime


class Payable(Protocol):
    """One sort of thing that is paid for. Each of these locks what it is about before it looks; `order` names what was
    wanted once, for ever."""

    @property
    def label(self) -> str | Promise: ...

    def keep(
        self,
        *,
        order: UUID,
        subject: UUID,
        payer: Any,
        at: datetime,
        until: datetime,
        by: Any,
        choices: Mapping[str, Any],
    ) -> Kept:
        """Keep all of it for the payer until then, or nothing. Raises `Refused` where they cannot have it."""
        ...

    def prolong(self, *, order: UUID, until: datetime) -> None:
        """Keep it a little longer: its payment is on its way."""
        ...

    def hand_over(self, *, order: UUID, at: datetime) -> bool:
        """It is paid: it is theirs, be it taken anew where it was let go; False where they cannot have all of it any
        more: then they have nothing of it."""
        ...

    def let_go(self, *, order: UUID, at: datetime) -> None:
        """Nobody pays for it: others can have it. What was handed over stays."""
        ...

    def path(self, *, order: UUID) -> str:
        """Where whoever paid finds it, "" where there is nothing any more."""
        ...


payables: Registry[Payable] = Registry("payable")


@dataclass(frozen=True)
class Ordered:
    """What was ordered, where it is paid, until when it is kept, and whether it is theirs already: it came to nothing."""

    key: UUID
    pay_path: str
    kept_until: datetime
    is_theirs: bool


@dataclass(frozen=True)
class Paper:
    """What a reader of what they have is told of its order: its state in words, what it comes to, and where its invoice
    is."""

    words: str
    money: Money
    is_open: bool
    pay_path: str
    invoice_path: str


@dataclass(frozen=True)
class Share:
    """What a part of an order comes to with the coupon taken off, and how much of that was paid and sent back."""

    gross: Money
    is_paid: bool
    back: Money


class Till(Protocol):
    """Who takes orders."""

    def place(
        self,
        *,
        payable: str,
        subject: UUID,
        payer: Any,
        at: datetime,
        by: Any,
        coupon: str,
        choices: Mapping[str, Any],
    ) -> Ordered:
        """Order something; it is kept while it is paid for. Raises `Refused` as `Payable.keep` does, and for a coupon that
        is not good for it (field `coupon`)."""
        ...

    def price_with(
        self, *, coupon: str, payer: Any, community: Any, gross: int, currency: str, at: datetime
    ) -> int:
        """What so much comes to with the coupon. Raises `Refused` (field `coupon`)."""
        ...

    def takes(self, *, community: Any, currency: str) -> bool:
        """Whether the community has a way to be paid in this currency."""
        ...

    def paper(self, *, order: UUID, at: datetime) -> Paper | None:
        """Of an order; None where it is none."""
        ...

    def shares(self, *, orders: Iterable[UUID]) -> Mapping[tuple[UUID, int], Share]:
        """What the parts of these orders come to, by order and position."""
        ...

    def is_shown_to(self, viewer: Any) -> bool:
        """Whether this member is shown what others paid."""
        ...


_tills: list[Till] = []


def provide(till: Till) -> None:
    _tills[:] = [till]


def till() -> Till | None:
    """Who takes orders; None where nobody does."""
    return _tills[0] if _tills else None
