"""What a change in the middle of a period costs: a line for what is unused of the old, a line for the rest of the new.

By days, in smallest units, gross with the tax inside. What is unused of an amount is exactly what `recognition` has not
yet taken for earned, so the member's credit and the books' deferred revenue are the same number. One currency: that the old
and the new have the same is for the caller to see to.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from commerce.discounts import Discount, off
from commerce.periods import Interval, Period, days, per_month, period
from commerce.recognition import LIFETIME_DAYS, deferred, earned, spread
from commerce.tax import Taxed, taxed


@dataclass(frozen=True, slots=True)
class Terms:
    """What a member has agreed to: `price` is of one seat for a whole period, gross; `rate` the tax inside it in basis
    points; `length_days` how long a `once` lasts."""

    price: int
    interval: Interval
    seats: int = 1
    rate: int = 0
    length_days: int | None = None

    def __post_init__(self) -> None:
        if self.price < 0 or self.seats < 1:
            raise ValueError("A price is not below zero, and somebody has a seat.")
        if self.interval == Interval.ONCE and not self.length_days:
            raise ValueError("What is bought once lasts a stated number of days.")

    @property
    def whole(self) -> int:
        """The price of a whole period for all seats."""
        return self.price * self.seats


@dataclass(frozen=True, slots=True)
class Covered:
    """Days that have been paid for: `paid` (gross, after coupons, in money or in credit) is for all of `period` and nothing
    else. `whole_days` is how many days the period had at first, where a change or a pause has cut it short.

    A membership for life is given here with the days it is recognised over (`recognition.spread`).
    """

    period: Period
    paid: int
    whole_days: int | None = None

    def __post_init__(self) -> None:
        if self.paid < 0 or self.of < days(self.period):
            raise ValueError("What is covered was paid for, and is part of a whole.")

    @property
    def of(self) -> int:
        return self.whole_days or days(self.period)

    def unused(self, day: date) -> int:
        """What is left of what was paid when the day begins: never below zero, never more than was paid."""
        return deferred(self.paid, self.period, day)


class LineKind(StrEnum):
    UNUSED = "unused"
    CHARGE = "charge"
    DISCOUNT = "discount"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an invoice: what it is, the days it is for, and the amount, below zero where it is the member's."""

    kind: LineKind
    period: Period
    amount: Taxed


@dataclass(frozen=True, slots=True)
class Change:
    """What a change comes to. From the day `on` the new terms hold and periods are counted from `anchor`.

    At once: `lines` are the invoice's, and `covered` is what the member has then, once it is settled. At the period's end:
    no lines, `covered` is None, and the first period of the new terms is charged when it begins, as any.
    """

    on: date
    anchor: date
    lines: tuple[Line, ...]
    covered: Covered | None

    @property
    def total(self) -> Taxed:
        return sum((line.amount for line in self.lines), Taxed(0, 0))

    @property
    def due(self) -> int:
        """What the member has to pay now, gross."""
        return max(self.total.gross, 0)

    @property
    def credit(self) -> int:
        """What becomes member credit, gross."""
        return max(-self.total.gross, 0)


def is_upgrade(old: Terms, new: Terms) -> bool:
    """Whether the new terms are worth more by the day; a membership for life is worth more than any that ends."""
    return _worth(new) > _worth(old)


def change(
    old: Terms,
    new: Terms,
    covered: Covered,
    *,
    anchor: date,
    on: date,
    at_once: bool | None = None,
    discount: Discount | None = None,
    lifetime_days: int = LIFETIME_DAYS,
) -> Change:
    """The change from `old`, counted from `anchor` and paid for as `covered` says, to `new` on the day `on`.

    `at_once` None is an upgrade at once and anything else at the period's end, which one for life does not have. Of the
    same interval the anchor stays and the rest of the period is charged; of another one, or one that does not renew, a
    whole period begins on the day. An amount off by `discount` (given where it holds) is for a whole period and shrinks
    with the rest of it. More or fewer seats are a change too. In a trial nothing is owed either way: there is nothing to
    reckon, the new terms simply begin when it ends.

    Raises `ValueError` for a day that is not covered, and for waiting for the end of what has none.
    """
    if on not in covered.period or covered.period.end is None:
        raise ValueError(f"{on} is no day that was paid for.")
    stays = old.interval == new.interval and new.interval.renews
    for_life = old.interval == Interval.LIFETIME
    if not (is_upgrade(old, new) or for_life if at_once is None else at_once):
        if for_life:
            raise ValueError("A membership for life has no end to wait for.")
        end = covered.period.end
        return Change(end, anchor if stays else end, (), None)

    if stays:
        span, of = Period(on, covered.period.end), covered.of
        elapsed = of - days(span)
    else:
        span = period(on, new.interval, length_days=new.length_days)
        of, elapsed = 1, 0
    cut = off(discount, [new.whole])[0] if discount else 0
    charge, less = (amount - earned(amount, elapsed, of) for amount in (new.whole, cut))

    left = Period(on, covered.period.end)
    lines = [
        Line(LineKind.UNUSED, left, taxed(-covered.unused(on), old.rate)),
        Line(LineKind.CHARGE, span, taxed(charge, new.rate)),
        Line(LineKind.DISCOUNT, span, taxed(less, new.rate)),
    ]
    return Change(
        on,
        anchor if stays else on,
        tuple(line for line in lines if line.amount.gross or line.kind == LineKind.CHARGE),
        Covered(spread(span, lifetime_days), charge + less, of if stays else None),
    )


def extend(covered: Covered, *, paused: date, resumed: date) -> Covered:
    """What a member has on coming back: as many days as were left when the pause began, and what was left of the amount.

    The next period begins when these days end: that day is the new anchor. Raises `ValueError` for a pause that does not
    begin on a covered day, or ends before it begins.
    """
    if paused not in covered.period or covered.period.end is None or resumed < paused:
        raise ValueError("A pause begins on a day that was paid for.")
    left = covered.period.end - paused
    return Covered(Period(resumed, resumed + left), covered.unused(paused), covered.of)


#: Days in a month, over the 400 years in which the calendar repeats itself.
_MONTH_DAYS = Fraction(146_097, 4_800)


def _worth(terms: Terms) -> tuple[bool, Fraction]:
    if terms.interval == Interval.LIFETIME:
        return True, Fraction(terms.whole)
    if terms.interval == Interval.ONCE:
        return False, Fraction(terms.whole) / (terms.length_days or 1)
    return False, per_month(terms.whole, terms.interval) / _MONTH_DAYS
