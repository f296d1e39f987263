"""Two sides of books, line by line, without any database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from commerce.comparing import Here, Judged, compare
from commerce.providers.base import LineKind, SettlementLine
from kernel.money import Money

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
JUDGED = Judged(NOON - 2 * DAY, NOON + 2 * DAY, NOON + DAY)
YUAN = Money(12_000, "CNY")
PAID = Here(LineKind.PAYMENT, 1, ("ours", "theirs"), YUAN, NOON, NOON, fee=Money(348, "CNY"), payment=7)
CAME = SettlementLine("l1", LineKind.PAYMENT, YUAN, Money(348, "CNY"), NOON, "ours", "theirs")
SENT = Here(LineKind.REFUND, 1, ("refund-1", "re_1"), YUAN, NOON, NOON)
WENT = SettlementLine("l2", LineKind.REFUND, -YUAN, Money.zero("CNY"), NOON, "refund-1", "re_1")


def told(lines, ours, judged=JUDGED):
    return [
        (one.kind.value, one.subject.value, one.ours and one.ours.amount, one.theirs and one.theirs.amount)
        for one in compare(lines, ours, judged)
    ]


def test_what_is_the_same_is_no_difference():
    assert told([CAME, WENT], [PAID, SENT]) == []


@pytest.mark.parametrize("name", [{"reference": ""}, {"provider_reference": "x"}])
def test_one_name_of_the_two_is_enough(name):
    assert told([replace(CAME, **name)], [PAID]) == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ({"amount": Money(12_001, "CNY")}, ("amount", "payment", 12_000, 12_001)),
        ({"amount": Money(12_000, "USD")}, ("currency", "payment", 12_000, 12_000)),
        ({"fee": Money(347, "CNY")}, ("fee", "payment", 348, 347)),
    ],
)
def test_what_is_otherwise(line, expected):
    assert told([replace(CAME, **line)], [PAID]) == [expected]


def test_what_is_on_one_side_alone():
    assert told([CAME], []) == [("missing_here", "payment", None, 12_000)]
    assert told([], [PAID]) == [("missing_there", "payment", 12_000, None)]
    assert told([WENT], []) == [("missing_here", "refund", None, 12_000)]
    assert told([], [SENT]) == [("missing_there", "refund", 12_000, None)]
    assert told([], [replace(PAID, done=False)]) == []


def test_what_is_done_there_and_not_here():
    assert told([CAME], [replace(PAID, done=False)]) == [("state", "payment", 12_000, 12_000)]


def test_a_charge_that_was_made_twice():
    again = replace(CAME, line_id="l9", at=NOON + timedelta(seconds=3))
    assert told([CAME, again], [PAID]) == [("twice", "payment", 12_000, 12_000)]
    # The same line, listed twice, is one.
    assert told([CAME, CAME], [PAID]) == []


def test_a_refund_that_failed_afterwards_was_none():
    back = replace(WENT, line_id="l3", amount=YUAN, at=NOON + DAY)
    assert told([WENT, back], [replace(SENT, done=False)]) == []
    assert told([WENT, back], [SENT]) == [("missing_there", "refund", 12_000, None)]
    sent_again = replace(WENT, line_id="l4", at=NOON + DAY)
    assert told([WENT, back, sent_again], [SENT]) == []


def test_a_fee_that_is_not_known_yet_is_none_that_differs():
    assert told([CAME], [replace(PAID, fee=None)]) == []


def test_what_the_provider_changes_into_its_own_currency():
    """The payer was charged yuan, and the balance moved in dollars, with a fee in dollars."""
    changed = replace(CAME, amount=Money(1_650, "USD"), fee=Money(48, "USD"), asked=YUAN)
    assert told([changed], [PAID]) == []
    assert told([replace(changed, asked=Money(11_999, "CNY"))], [PAID]) == [
        ("amount", "payment", 12_000, 11_999)
    ]


@pytest.mark.parametrize("shift", [-DAY, timedelta(hours=-14), timedelta(hours=14), DAY])
def test_a_line_of_another_day_is_the_same_payment(shift):
    assert told([replace(CAME, at=NOON + shift)], [PAID]) == []


def test_what_is_too_young_or_was_judged_before():
    for at in (NOON - 3 * DAY, NOON + 3 * DAY):
        assert told([replace(CAME, at=at)], []) == []
        assert told([], [replace(PAID, at=at)]) == []
    # The provider may write it down later: ours wait longer than its lines.
    assert told([], [replace(PAID, at=NOON + DAY + timedelta(hours=1))]) == []


def test_disputes_and_what_was_won_back():
    held = Here(LineKind.DISPUTE, 1, ("dp_1",), YUAN, NOON, NOON)
    won = replace(held, subject=LineKind.DISPUTE_REVERSED)
    taken = SettlementLine("l5", LineKind.DISPUTE, -YUAN, Money.zero("CNY"), NOON, "ours", "dp_1")
    given = replace(taken, line_id="l6", kind=LineKind.DISPUTE_REVERSED, amount=YUAN)
    assert told([taken, given], [held, won]) == []
    assert told([taken], [held, replace(won, done=False)]) == []
    assert told([taken, given], [held, replace(won, done=False)]) == [
        ("state", "dispute_reversed", 12_000, 12_000)
    ]
    assert told([taken], [held, won]) == [("missing_there", "dispute_reversed", 12_000, None)]
    assert told([taken], []) == [("missing_here", "dispute", None, 12_000)]


def test_payouts_and_fees_are_compared_with_nothing():
    other = replace(CAME, kind=LineKind.PAYOUT, amount=-YUAN)
    assert told([other, replace(other, kind=LineKind.FEE, line_id="l7")], []) == []


def test_a_mark_is_the_same_until_a_side_says_something_else():
    wrong = replace(CAME, amount=Money(12_001, "CNY"))
    [first], [again] = compare([wrong], [PAID], JUDGED), compare([wrong], [PAID], JUDGED)
    [other] = compare([replace(CAME, amount=Money(12_002, "CNY"))], [PAID], JUDGED)
    assert first.mark == again.mark != other.mark
