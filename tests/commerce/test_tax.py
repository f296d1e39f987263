"""The tax inside a price, in currencies of 0, 2 and 3 decimals. The judge is `Decimal`, on the amount as it is written."""

from decimal import ROUND_HALF_UP, Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.tax import Taxed, sent_back, tax_within, taxed
from kernel.money import Money, exponent
from tests.commerce.sizes import sized

amounts = st.integers(-(10**12), 10**12)
rates = st.integers(0, 3_000)


@pytest.mark.parametrize(
    ("gross", "rate", "tax"),
    [(10_600, 600, 600), (100, 600, 6), (1, 600, 0), (0, 600, 0), (999, 0, 0), (-100, 600, -6)],
)
def test_the_tax_is_inside(gross, rate, tax):
    assert tax_within(gross, rate) == tax


@sized
@given(amounts, rates, st.sampled_from(["JPY", "CNY", "KWD"]))
def test_net_and_tax_are_the_gross_in_every_currency(size, amount, rate, currency):
    line = taxed(amount, rate)
    with localcontext(prec=60):
        exact = Money(amount, currency).decimal / (1 + Decimal(rate) / 10_000)
        net = exact.quantize(Decimal(1).scaleb(-exponent(currency)), ROUND_HALF_UP)
    assert Money(line.net, currency).decimal == net
    assert line.net + line.tax == line.gross == amount
    assert taxed(-amount, rate) == Taxed(-amount, -line.tax)


@given(st.lists(st.tuples(amounts, rates), max_size=8))
def test_a_total_is_the_sum_of_its_lines(lines):
    total = sum((taxed(*line) for line in lines), Taxed(0, 0))
    assert total.net + total.tax == total.gross == sum(gross for gross, _ in lines)


@given(st.integers(0, 10**9), rates, st.lists(st.integers(0, 10**9), max_size=6))
def test_what_goes_back_in_parts_takes_all_of_the_tax_along(gross, rate, cuts):
    paid = taxed(gross, rate)
    marks = sorted({0, gross, *(cut for cut in cuts if cut < gross)})
    back = [sent_back(paid, before, after - before) for before, after in zip(marks, marks[1:], strict=False)]
    assert sum(back, Taxed(0, 0)) == paid
    assert all(0 <= part.tax <= part.gross for part in back)


def test_no_more_goes_back_than_was_paid():
    with pytest.raises(ValueError):
        sent_back(taxed(100, 600), 60, 41)
    with pytest.raises(ValueError):
        tax_within(100, -1)
