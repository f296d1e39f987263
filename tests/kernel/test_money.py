"""Money is whole numbers of a currency's smallest unit."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Refused
from kernel.money import Money, exponent, rounded, split


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("1280.50", "CNY", 128050),
        ("0", "USD", 0),
        ("5000", "JPY", 5000),
        ("1.234", "KWD", 1234),
        ("-3.1", "EUR", -310),
    ],
)
def test_what_is_written_is_read_to_the_last_unit(text, currency, amount):
    money = Money.parse(f" {text} ", currency)
    assert (money.amount, money.currency, Decimal(str(money))) == (amount, currency, Decimal(text))


@pytest.mark.parametrize(
    ("text", "currency", "code"),
    [
        ("", "CNY", "amount"),
        ("1,280", "CNY", "amount"),
        ("1e3", "CNY", "amount"),
        ("１２", "CNY", "amount"),
        ("NaN", "CNY", "amount"),
        ("1.005", "USD", "decimals"),
        ("1.5", "JPY", "decimals"),
        ("9999999999999999", "JPY", "amount"),
    ],
)
def test_what_is_no_amount_is_refused(text, currency, code):
    with pytest.raises(Refused) as refusal:
        Money.parse(text, currency)
    assert refusal.value.code == code


def test_decimals_are_those_of_iso_4217():
    assert [exponent(c) for c in ("JPY", "ISK", "CNY", "USD", "MGA", "KWD", "IQD", "CLF")] == [
        0,
        0,
        2,
        2,
        2,
        3,
        3,
        4,
    ]


def test_two_currencies_are_never_put_together():
    for act in ("__add__", "__sub__", "__lt__", "__ge__"):
        with pytest.raises(ValueError):
            getattr(Money(1, "CNY"), act)(Money(1, "USD"))
    with pytest.raises(TypeError):
        Money(1.0, "CNY")  # type: ignore[arg-type]


@given(st.fractions())
def test_rounding_is_to_the_nearest_and_the_same_backwards(value):
    assert abs(rounded(value) - value) <= Fraction(1, 2)
    assert rounded(-value) == -rounded(value)


@given(st.integers(-(10**15), 10**15), st.lists(st.integers(0, 10**6), min_size=1, max_size=30).filter(any))
def test_parts_add_up_and_each_is_within_a_unit_of_its_share(amount, weights):
    parts = split(amount, weights)
    assert sum(parts) == amount
    total = sum(weights)
    assert all(
        abs(part - Fraction(amount * weight, total)) < 1 for part, weight in zip(parts, weights, strict=True)
    )
