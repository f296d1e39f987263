"""What a coupon takes off. The judge of amounts is `Fraction`."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.discounts import Discount, off
from commerce.tax import Taxed, taxed
from tests.commerce.sizes import sized

discounts = st.one_of(
    st.builds(Discount, percent=st.integers(1, 10_000), periods=st.none() | st.integers(1, 12)),
    st.builds(Discount, amount=st.integers(1, 10**9), periods=st.none() | st.integers(1, 12)),
)
charges = st.lists(st.integers(-(10**6), 10**9), max_size=6)


@pytest.mark.parametrize(
    ("discount", "lines", "taken"),
    [
        (Discount(percent=1500), [10_000], [-1500]),
        (Discount(percent=10_000), [333, 333, 334], [-333, -333, -334]),
        (Discount(amount=500), [300], [-300]),
        (Discount(amount=100), [200, 100], [-67, -33]),
        (Discount(amount=100), [200, -150], [-100, 0]),
        (Discount(percent=5000), [1], [-1]),
        (Discount(percent=5000), [], []),
    ],
)
def test_so_much_comes_off(discount, lines, taken):
    assert off(discount, lines) == taken


@sized
@given(discounts, charges, st.integers(0, 12), st.integers(0, 3_000))
def test_nothing_falls_below_zero_and_the_whole_is_right(size, discount, lines, used, rate):
    taken = off(discount, lines, used)
    whole = sum(line for line in lines if line > 0)
    meant = (
        Fraction(whole * discount.percent, 10_000)
        if discount.percent
        else Fraction(min(discount.amount, whole))
    )
    holds = discount.periods is None or used < discount.periods
    assert abs(-sum(taken) - (meant if holds else 0)) <= Fraction(1, 2)
    assert all(-max(line, 0) <= cut <= 0 for line, cut in zip(lines, taken, strict=True))
    total = sum((taxed(amount, rate) for amount in [*lines, *taken]), Taxed(0, 0))
    assert total.net + total.tax == total.gross == sum(lines) + sum(taken)


def test_it_holds_for_the_first_periods():
    assert [off(Discount(amount=10, periods=2), [100], used) for used in range(4)] == [[-10], [-10], [0], [0]]


@pytest.mark.parametrize(
    "wrong",
    [{}, {"percent": 1, "amount": 1}, {"percent": 10_001}, {"amount": -1}, {"amount": 1, "periods": 0}],
)
def test_what_is_no_discount_is_an_error(wrong):
    with pytest.raises(ValueError):
        Discount(**wrong)
