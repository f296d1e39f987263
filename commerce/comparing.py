"""A provider's books against ours: what stands in one and not in the other, or otherwise. Pure: no database, no network.

Lines and what we have are brought together by their names, never by their times: a provider may write a payment down a day
later than it was made. Times only say what is judged now (`Judged`): what is too young may still be on its way.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from commerce.models import Difference
from commerce.providers.base import LineKind, SettlementLine
from kernel.money import Money

Kind = Difference.Kind
#: What is compared line by line, and how the balance with the provider moves by each.
SIGNS = {
    LineKind.PAYMENT: 1,
    LineKind.REFUND: -1,
    LineKind.DISPUTE: -1,
    LineKind.DISPUTE_REVERSED: 1,
}


@dataclass(frozen=True)
class Here:
    """Something that our books have, or know of: `done` where it is in them, so that the provider has a line of it.

    `names` are those that the provider may call it by; `money` is above nothing, `fee` None while it is not known. `begun_at`
    is the earliest that the provider can have written it down.
    """

    subject: LineKind
    pk: int
    names: tuple[str, ...]
    money: Money
    at: datetime
    begun_at: datetime
    done: bool = True
    fee: Money | None = None
    payment: int | None = None


@dataclass(frozen=True)
class Judged:
    """Lines of the provider's from `since` on and before `lines_until`, ours before `ours_until`."""

    since: datetime
    lines_until: datetime
    ours_until: datetime

    def line(self, at: datetime) -> bool:
        return self.since <= at < self.lines_until

    def ours(self, at: datetime) -> bool:
        return self.since <= at < self.ours_until


@dataclass(frozen=True)
class Found:
    """A difference. `here` is ours and `line` the provider's, None where one of them has nothing."""

    kind: Difference.Kind
    subject: LineKind
    here: Here | None
    line: SettlementLine | None
    ours: Money | None
    theirs: Money | None
    at: datetime

    @property
    def mark(self) -> str:
        """Which difference it is: the same for as long as both sides say the same."""
        who = self.line.line_id if self.line else f"#{self.here.pk}" if self.here else ""
        sides = (f"{money.amount}{money.currency}" if money else "" for money in (self.ours, self.theirs))
        return ":".join((self.kind, self.subject, who, *sides))[:300]


def compare(lines: Iterable[SettlementLine], ours: Iterable[Here], judged: Judged) -> list[Found]:
    """Every difference that can be judged now, the oldest first."""
    index = {(here.subject, name): here for here in ours for name in here.names if name}
    there: dict[Here, list[SettlementLine]] = defaultdict(list)
    found: list[Found] = []
    for line in {line.line_id: line for line in lines if line.kind in SIGNS}.values():
        here = index.get((line.kind, line.reference)) or index.get((line.kind, line.provider_reference))
        if here is not None:
            there[here].append(line)
        elif judged.line(line.at):
            found.append(Found(Kind.MISSING_HERE, line.kind, None, line, None, asked(line), line.at))
    for here in dict.fromkeys(index.values()):
        found += _of_one(here, _standing(there[here]), judged)
    return sorted(found, key=lambda one: (one.at, one.mark))


def asked(line: SettlementLine) -> Money:
    """What the payer was charged or got back, above nothing."""
    money = line.asked or line.amount
    return money if SIGNS[line.kind] > 0 else -money


def _standing(lines: list[SettlementLine]) -> list[SettlementLine]:
    """Those that were not taken back by another line, as a refund is that failed afterwards."""
    lines = sorted(lines, key=attrgetter("at", "line_id"))
    standing = [line for line in lines if asked(line).amount > 0]
    for back in (line for line in lines if asked(line).amount <= 0):
        for line in standing:
            if asked(line) == -asked(back):
                standing.remove(line)
                break
    return standing


def _of_one(here: Here, lines: list[SettlementLine], judged: Judged) -> Iterator[Found]:
    if not lines:
        if here.done and judged.ours(here.at):
            yield Found(Kind.MISSING_THERE, here.subject, here, None, here.money, None, here.at)
        return
    first, *others = lines
    if judged.line(first.at):
        for kind, ours, theirs in _between(here, first):
            yield Found(kind, here.subject, here, first, ours, theirs, first.at)
    for line in others:
        if judged.line(line.at):
            yield Found(Kind.TWICE, here.subject, here, line, here.money, asked(line), line.at)


def _between(here: Here, line: SettlementLine) -> Iterator[tuple[Difference.Kind, Money, Money]]:
    theirs = asked(line)
    if not here.done:
        yield Kind.STATE, here.money, theirs
    elif theirs.currency != here.money.currency:
        yield Kind.CURRENCY, here.money, theirs
    elif theirs != here.money:
        yield Kind.AMOUNT, here.money, theirs
    elif here.fee is not None and line.fee.currency == here.fee.currency and line.fee != here.fee:
        yield Kind.FEE, here.fee, line.fee
