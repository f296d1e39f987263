"""What is earned by a day. The days add up to the whole."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.periods import Period
from commerce.recognition import between, deferred, recognised, spread

START = date(2026, 1, 31)
periods = st.integers(1, 800).map(lambda length: Period(START, START + timedelta(days=length)))


def test_a_hundred_over_a_week():
    week = Period(START, START + timedelta(days=7))
    daily = [recognised(100, week, START + timedelta(days=n)) for n in range(-1, 9)]
    assert daily == [0, 0, 14, 28, 42, 57, 71, 85, 100, 100]


@given(st.integers(-(10**12), 10**12), periods)
def test_days_add_up_to_the_whole_and_none_is_a_unit_off(amount, period):
    days = [START + timedelta(days=n) for n in range((period.end - START).days)]
    daily = [between(amount, period, day, day + timedelta(days=1)) for day in days]
    assert sum(daily) == amount
    assert all(abs(part - Fraction(amount, len(days))) < 1 for part in daily)


@given(st.integers(0, 10**12), periods, st.integers(-10, 900))
def test_a_discount_is_earned_as_the_charge_it_belongs_to(amount, period, later):
    day = START + timedelta(days=later)
    assert recognised(-amount, period, day) == -recognised(amount, period, day)
    assert recognised(amount, period, day) + deferred(amount, period, day) == amount


def test_a_life_is_earned_over_five_years():
    life = Period(START, None)
    with pytest.raises(ValueError):
        recognised(182_600, life, START)
    over = spread(life)
    assert over == Period(START, date(2031, 1, 31))
    assert (between(182_600, over, START, START + timedelta(days=1)), deferred(182_600, over, over.end)) == (
        100,
        0,
    )
    assert spread(over) is over
