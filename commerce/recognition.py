"""When an amount paid ahead becomes revenue: by the day, over the days it was paid for.

What has been earned by a day is `amount * elapsed // total`, rounded once over all days so far and not day by day, so the
days add up to the whole exactly (straight-line recognition, IFRS 15 B18). Toward zero on both sides: a discount is
recognised exactly as the charge it belongs to, with a minus. Amounts are net, in smallest units.
"""

from datetime import date, timedelta

from commerce.periods import Period, days

#: Over how many days a membership for life is recognised, where nobody says otherwise: five years.
LIFETIME_DAYS = 1826


def spread(period: Period, lifetime_days: int = LIFETIME_DAYS) -> Period:
    """The days over which what was paid for the period is recognised: itself, or so many days where it has no end."""
    return period if period.end else Period(period.start, period.start + timedelta(days=lifetime_days))


def recognised(amount: int, period: Period, day: date) -> int:
    """How much has been earned when the day begins: nothing on the first of the period, all from its end on.

    Raises `ValueError` for a period without an end: `spread` it first.
    """
    total = days(period)
    return earned(amount, min(max((day - period.start).days, 0), total), total)


def between(amount: int, period: Period, since: date, until: date) -> int:
    """How much is earned on the days from `since` up to and without `until`. Raises as `recognised`."""
    return recognised(amount, period, until) - recognised(amount, period, since)


def deferred(amount: int, period: Period, day: date) -> int:
    """How much is still to be earned when the day begins. Raises as `recognised`."""
    return amount - recognised(amount, period, day)


def earned(amount: int, elapsed: int, total: int) -> int:
    """`amount * elapsed / total` toward zero."""
    size = abs(amount) * elapsed // total
    return size if amount >= 0 else -size
