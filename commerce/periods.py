"""The periods that dues are for: days, counted from an anchor.

A day is a calendar day of the community. Every period is counted from the anchor and never from the period before it,
so a day that a month does not have (31 Jan, 28 Feb) comes back as soon as a month has it (31 Mar).
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from django.db import models
from django.utils.translation import gettext_lazy as _


class Interval(models.TextChoices):
    """How often a price is due. `once` buys a term of a stated number of days that does not renew, `lifetime` one without
    an end."""

    MONTH = "month", _("Every month")
    QUARTER = "quarter", _("Every quarter")
    YEAR = "year", _("Every year")
    ONCE = "once", _("Once, for a term")
    LIFETIME = "lifetime", _("Once, for life")

    @property
    def renews(self) -> bool:
        return self in _MONTHS


_MONTHS = {Interval.MONTH: 1, Interval.QUARTER: 3, Interval.YEAR: 12}


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `start` up to and without `end`; `end` is None where there is none."""

    start: date
    end: date | None

    def __post_init__(self) -> None:
        if self.end is not None and self.end <= self.start:
            raise ValueError("A period has a day at least.")

    def __contains__(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)


def nth(anchor: date, interval: Interval, n: int) -> date:
    """The first day of period `n`, where period 0 begins on the anchor: so many months later, on the anchor's day of the
    month or, where that month is shorter, on its last.

    Raises `ValueError` for `n` below 0, and above 0 where the interval does not renew.
    """
    if n < 0 or (n and not interval.renews):
        raise ValueError(f"There is no period {n} of {interval.value}.")
    if not n:
        return anchor
    months = anchor.year * 12 + anchor.month - 1 + n * _MONTHS[interval]
    year, month = months // 12, months % 12 + 1
    return date(year, month, min(anchor.day, monthrange(year, month)[1]))


def period(anchor: date, interval: Interval, n: int = 0, *, length_days: int | None = None) -> Period:
    """Period `n`. `length_days` is how long a `once` lasts, and is read there only.

    Raises `ValueError` where there is no such period (as `nth`), and for a `once` without a length.
    """
    start = nth(anchor, interval, n)
    if interval.renews:
        return Period(start, nth(anchor, interval, n + 1))
    if interval == Interval.LIFETIME:
        return Period(start, None)
    if not length_days or length_days < 0:
        raise ValueError("What is bought once lasts a stated number of days.")
    return Period(start, start + timedelta(days=length_days))


def index_at(anchor: date, interval: Interval, day: date, *, length_days: int | None = None) -> int:
    """The number of the period that has the day: `day in period(anchor, interval, index_at(anchor, interval, day))`.

    Raises `ValueError` for a day before the anchor, or after the term of a `once`.
    """
    if not interval.renews:
        if day not in period(anchor, interval, length_days=length_days):
            raise ValueError(f"{day} lies in no period.")
        return 0
    if day < anchor:
        raise ValueError(f"{day} lies before the first period.")
    n = ((day.year - anchor.year) * 12 + day.month - anchor.month) // _MONTHS[interval]
    return n if nth(anchor, interval, n) <= day else n - 1


def days(of: Period) -> int:
    """How many days the period has. Raises `ValueError` for one without an end."""
    if of.end is None:
        raise ValueError("A period without an end has no number of days.")
    return (of.end - of.start).days


def per_month(amount: int, interval: Interval) -> Fraction:
    """What a price comes to in a month, in the same smallest units: a year's / 12, a quarter's / 3. Nothing of what does
    not renew, which is no recurring revenue."""
    return Fraction(amount, _MONTHS[interval]) if interval.renews else Fraction(0)
