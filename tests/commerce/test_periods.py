"""Periods are counted from the anchor: no gap, no overlap, no drift. The judge is dateutil."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from commerce.periods import Interval, Period, days, index_at, nth, per_month, period

MONTHS = {Interval.MONTH: 1, Interval.QUARTER: 3, Interval.YEAR: 12}
anchors = st.dates(date(2000, 1, 1), date(2100, 12, 31))
renewing = st.sampled_from(list(MONTHS))


def test_a_day_that_a_month_lacks_comes_back():
    monthly = [nth(date(2026, 1, 31), Interval.MONTH, n) for n in range(5)]
    assert monthly == [
        date(2026, 1, 31),
        date(2026, 2, 28),
        date(2026, 3, 31),
        date(2026, 4, 30),
        date(2026, 5, 31),
    ]
    yearly = [nth(date(2024, 2, 29), Interval.YEAR, n) for n in range(5)]
    assert yearly == [
        date(2024, 2, 29),
        *(date(year, 2, 28) for year in (2025, 2026, 2027)),
        date(2028, 2, 29),
    ]


@pytest.mark.parametrize("interval", list(MONTHS))
@pytest.mark.parametrize(
    "anchor",
    [date(2024, 1, 29), date(2024, 2, 29), date(2023, 11, 30), date(2023, 12, 31), date(2025, 8, 31)],
)
def test_five_years_have_no_gap_no_overlap_and_no_drift(anchor, interval):
    found = [period(anchor, interval, n) for n in range(60 // MONTHS[interval])]
    assert [one.end for one in found[:-1]] == [one.start for one in found[1:]]
    assert [one.start for one in found] == [
        anchor + relativedelta(months=MONTHS[interval] * n) for n in range(len(found))
    ]
    daily = [anchor + timedelta(days=n) for n in range((found[-1].end - anchor).days)]
    assert [index_at(anchor, interval, day) for day in daily] == [
        n for n, one in enumerate(found) for _ in range(days(one))
    ]


@given(anchors, renewing, st.integers(0, 600))
def test_every_beginning_is_dateutil_s(anchor, interval, n):
    assert nth(anchor, interval, n) == anchor + relativedelta(months=MONTHS[interval] * n)


@given(anchors, renewing, st.integers(0, 40_000))
def test_every_day_lies_in_the_period_of_its_number(anchor, interval, later):
    day = anchor + timedelta(days=later)
    n = index_at(anchor, interval, day)
    assert day in period(anchor, interval, n)
    assert index_at(anchor, interval, nth(anchor, interval, n)) == n


def test_a_term_is_once_and_a_life_has_no_end():
    day = date(2026, 1, 31)
    term, life = period(day, Interval.ONCE, length_days=90), period(day, Interval.LIFETIME)
    assert (term, days(term)) == (Period(day, date(2026, 5, 1)), 90)
    assert life == Period(day, None)
    assert index_at(day, Interval.ONCE, date(2026, 4, 30), length_days=90) == 0
    assert index_at(day, Interval.LIFETIME, date(2126, 1, 1)) == 0


@pytest.mark.parametrize(
    "asked",
    [
        lambda day: nth(day, Interval.MONTH, -1),
        lambda day: nth(day, Interval.LIFETIME, 1),
        lambda day: period(day, Interval.ONCE),
        lambda day: period(day, Interval.ONCE, 1, length_days=90),
        lambda day: index_at(day, Interval.YEAR, day - timedelta(days=1)),
        lambda day: index_at(day, Interval.ONCE, day + timedelta(days=90), length_days=90),
        lambda day: days(period(day, Interval.LIFETIME)),
        lambda day: Period(day, day),
    ],
)
def test_what_is_no_period_is_an_error(asked):
    with pytest.raises(ValueError):
        asked(date(2026, 1, 31))


def test_a_price_comes_to_so_much_a_month():
    assert [per_month(1000, interval) for interval in Interval] == [
        1000,
        Fraction(1000, 3),
        Fraction(250, 3),
        0,
        0,
    ]
