"""A change in the middle of a period. The judge of amounts is `Fraction`."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.discounts import Discount
from commerce.periods import Interval, Period, days, period
from commerce.proration import Covered, LineKind, Terms, change, extend, is_upgrade
from commerce.recognition import spread
from tests.commerce.sizes import sized

APRIL, TENTH = Period(date(2026, 4, 1), date(2026, 5, 1)), date(2026, 4, 11)
BASIC, BETTER = Terms(3_000, Interval.MONTH, rate=600), Terms(6_000, Interval.MONTH, rate=600)
YEARLY = Terms(60_000, Interval.YEAR, rate=600)
UNUSED, CHARGE, DISCOUNT = LineKind.UNUSED, LineKind.CHARGE, LineKind.DISCOUNT


def lines(of):
    return [(line.kind, line.amount.gross, line.period.start, line.period.end) for line in of.lines]


def test_better_terms_hold_at_once_and_keep_the_anchor():
    found = change(BASIC, BETTER, Covered(APRIL, 3_000), anchor=APRIL.start, on=TENTH)
    assert lines(found) == [(UNUSED, -2_000, TENTH, APRIL.end), (CHARGE, 4_000, TENTH, APRIL.end)]
    assert (found.on, found.anchor, found.due, found.credit) == (TENTH, APRIL.start, 2_000, 0)
    assert found.covered == Covered(Period(TENTH, APRIL.end), 4_000, 30)


def test_another_interval_begins_a_whole_period_today():
    found = change(BASIC, YEARLY, Covered(APRIL, 3_000), anchor=APRIL.start, on=TENTH)
    year = Period(TENTH, date(2027, 4, 11))
    assert lines(found) == [(UNUSED, -2_000, TENTH, APRIL.end), (CHARGE, 60_000, year.start, year.end)]
    assert (found.anchor, found.covered) == (TENTH, Covered(year, 60_000))


def test_lesser_terms_wait_for_the_end_unless_asked_for():
    covered = Covered(APRIL, 6_000)
    waits = change(BETTER, BASIC, covered, anchor=APRIL.start, on=TENTH)
    assert (waits.on, waits.anchor, waits.lines, waits.covered) == (APRIL.end, APRIL.start, (), None)
    now = change(BETTER, BASIC, covered, anchor=APRIL.start, on=TENTH, at_once=True)
    assert (now.due, now.credit, now.covered.paid) == (0, 2_000, 2_000)


def test_seats_are_charged_for_the_rest():
    found = change(BASIC, replace(BASIC, seats=4), Covered(APRIL, 3_000), anchor=APRIL.start, on=TENTH)
    assert (found.due, found.covered.paid) == (6_000, 8_000)


def test_what_a_coupon_gave_is_not_given_back():
    found = change(
        BASIC, BETTER, Covered(APRIL, 300), anchor=APRIL.start, on=TENTH, discount=Discount(amount=600)
    )
    assert [(kind, gross) for kind, gross, *_ in lines(found)] == [
        (UNUSED, -200),
        (CHARGE, 4_000),
        (DISCOUNT, -400),
    ]
    assert found.covered.paid == 3_600


def test_a_pause_freezes_the_days_left():
    found = extend(Covered(APRIL, 3_000), paused=TENTH, resumed=date(2026, 8, 1))
    assert found == Covered(Period(date(2026, 8, 1), date(2026, 8, 21)), 2_000, 30)
    again = change(BASIC, BETTER, found, anchor=found.period.end, on=date(2026, 8, 11))
    assert [gross for _, gross, *_ in lines(again)] == [-1_000, 2_000]


def test_a_life_is_worth_more_than_any_term_and_has_no_end_to_wait_for():
    life, term = Terms(100, Interval.LIFETIME), Terms(36_500, Interval.ONCE, length_days=365)
    assert [is_upgrade(YEARLY, life), is_upgrade(life, YEARLY), is_upgrade(term, YEARLY)] == [
        True,
        False,
        True,
    ]
    for_life = spread(Period(APRIL.start, None))
    found = change(life, BASIC, Covered(for_life, 182_600), anchor=APRIL.start, on=APRIL.end)
    assert (found.credit, found.on) == (182_600 - 3_000 - 3_000, APRIL.end)
    with pytest.raises(ValueError):
        change(life, BASIC, Covered(for_life, 182_600), anchor=APRIL.start, on=APRIL.end, at_once=False)


@pytest.mark.parametrize("day", [APRIL.end, date(2026, 3, 31)])
def test_a_day_that_nobody_paid_for_is_an_error(day):
    with pytest.raises(ValueError):
        change(BASIC, BETTER, Covered(APRIL, 3_000), anchor=APRIL.start, on=day)
    with pytest.raises(ValueError):
        extend(Covered(APRIL, 3_000), paused=day, resumed=day)


prices = st.integers(0, 5_000) | st.integers(0, 10**9)
terms = st.builds(
    Terms,
    prices,
    st.sampled_from(Interval),
    st.integers(1, 50),
    st.integers(0, 3_000),
    st.integers(1, 800),
)
discounts = (
    st.none()
    | st.builds(Discount, percent=st.integers(1, 10_000))
    | st.builds(Discount, amount=st.integers(1, 10**6))
)
anchors = st.dates(date(2020, 1, 1), date(2032, 12, 31))


@sized
@given(terms, st.data(), anchors, discounts, st.fractions(0, 1))
def test_one_change_is_right_to_the_unit(size, old, data, anchor, discount, share):
    new = data.draw(terms)
    n = data.draw(st.integers(0, 30)) if old.interval.renews else 0
    at = spread(period(anchor, old.interval, n, length_days=old.length_days))
    on = at.start + int(share * (days(at) - 1)) * timedelta(days=1)
    covered = Covered(at, data.draw(st.integers(0, old.whole)))
    found = change(old, new, covered, anchor=anchor, on=on, at_once=True, discount=discount)

    left = Fraction((at.end - on).days, days(at))
    same = old.interval == new.interval and new.interval.renews
    cut = min(discount.amount or Fraction(new.whole * discount.percent, 10_000), new.whole) if discount else 0
    gross = {line.kind: line.amount.gross for line in found.lines}
    assert -covered.paid <= gross.get(UNUSED, 0) <= 0
    assert abs(gross.get(UNUSED, 0) + covered.paid * left) < 1
    assert abs(gross[CHARGE] - new.whole * (left if same else 1)) < 1
    assert abs(gross.get(DISCOUNT, 0) + cut * (left if same else 1)) < 2
    assert found.covered.paid == gross[CHARGE] + gross.get(DISCOUNT, 0) >= 0
    assert found.due - found.credit == sum(gross.values()) == found.total.gross
    for amount in [*(line.amount for line in found.lines), found.total]:
        assert amount.net + amount.tax == amount.gross


@sized
@given(
    st.lists(st.tuples(terms, st.integers(0, 40), discounts, st.booleans()), min_size=1, max_size=6), anchors
)
def test_whatever_is_changed_and_paused_no_more_comes_back_than_was_paid(size, steps, anchor):
    held = Terms(3_000, Interval.MONTH)
    covered, paid, on = Covered(period(anchor, Interval.MONTH), 3_000), 3_000, anchor
    for new, later, discount, pauses in steps:
        on = min(
            max(on, covered.period.start) + timedelta(days=later), covered.period.end - timedelta(days=1)
        )
        if pauses:
            covered = extend(covered, paused=on, resumed=on + timedelta(days=later))
            on, anchor = covered.period.start, covered.period.end
        found = change(held, new, covered, anchor=anchor, on=on, at_once=True, discount=discount)
        paid += found.total.gross
        held, covered, anchor = new, found.covered, found.anchor
        assert 0 <= covered.unused(on) <= covered.paid <= paid
