"""Amounts in figures: exact in smallest units, written as decimals of their currency, a row for each currency."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from engagement.metrics import _periods
from engagement.packing import Whole
from engagement.selectors.money import currency_of
from kernel import words
from kernel.metrics import NO_DATA, TOO_YOUNG, Headline, Words
from kernel.money import Money, rounded


def text(amount: int | Fraction, currency: int) -> str:
    """As data carry it: "1280.50", with the decimals of the currency, halves away from zero."""
    return str(Money(rounded(Fraction(amount)), currency_of(currency)))


def written(amount: str | None, currency: str) -> str:
    """What `text` gave, as the reader writes it."""
    return words.money(None if amount is None else Money.parse(amount, currency))


def currencies(*columns: Whole) -> list[int]:
    """The currencies in these columns, by their codes' letters."""
    return [int(code) for code in np.unique(np.concatenate(columns))]


def per(periods: Sequence[_periods.Period], day: Whole, amount: Whole) -> list[int]:
    """What comes to each period, as whole numbers of any size; every day lies in one of them."""
    total = np.zeros(len(periods), np.int64)
    np.add.at(total, which(periods, day), amount)
    return [int(one) for one in total]


def which(periods: Sequence[_periods.Period], day: Whole) -> Whole:
    starts = np.array([period.start for period in periods], np.int64)
    return np.searchsorted(starts, day, side="right") - 1


def main(rows: Iterable[dict[str, Any]], *, by: str) -> str:
    """The currency of which a page speaks first: the one with the most periods in which `by` is above zero, of equals the
    first in order; "" where there is none."""
    seen: dict[str, int] = {}
    for row in rows:
        seen.setdefault(row["currency"], 0)
        seen[row["currency"]] += row[by] is not None and Decimal(row[by]) > 0
    return min(seen, key=lambda currency: (-seen[currency], currency), default="")


def headline(rows: Sequence[dict[str, Any]], field: str, *, unit: Words) -> Headline:
    """The last complete period's amount of one currency with the periods that led to it. A tile draws them as a line; the
    exact amounts are in the rows."""
    known = [row for row in rows if row[field] is not None]
    if not known:
        return Headline(None, unit, "number", reason=TOO_YOUNG if rows else NO_DATA)
    trend = tuple(float(row[field]) for row in known[-_periods.TREND :])
    return Headline(trend[-1], unit, "number", known[-1]["period"], trend)
