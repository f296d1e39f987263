"""Scenarios 13 and 14, as 4 and 5 are, of Stripe's rail, against a peer that keeps its state and its idempotency keys. Its own
count says who was charged. By `make faults` alone."""

import secrets
from functools import partial
from itertools import cycle

import pytest

from commerce.models import Payment, PaymentAttempt
from commerce.providers.base import Surface
from commerce.services import asking, attempts
from kernel.errors import Refused
from tests.commerce import paying
from tests.commerce.dues import AT, SITE, guard, invoice
from tests.commerce.providers.listening import Answer
from tests.faults.sizes import in_full_only
from tests.faults.test_charging import LATER
from tests.security.races import together

pytestmark = in_full_only
MANY = 500
#: What comes in the place of an answer: nothing, half of one, and a page of the server's own.
LOST = (
    Answer(silent=True),
    Answer(200, b'{"id": "pi_', {"Content-Type": "application/json"}),
    Answer(502, b"<html>Bad gateway</html>", {"Content-Type": "text/html"}),
)


def swallowed(many, member, mandate, door):
    """So many charges whose answers are lost on the way back; then the janitor comes. How many charges the peer counts."""
    lost = cycle(LOST)
    door.loses = lambda asked: next(lost) if asked.path == "/v1/payment_intents" else None
    for _n in range(many):
        attempt = attempts.charge(invoice=invoice(member), mandate=mandate, at=AT, by=SITE)
        assert attempt.state == "unknown"
    door.loses = lambda asked: None
    while asking.ask_due(at=LATER, by=SITE):
        pass
    return len(door.account.charges()) - 1


@pytest.mark.parametrize("late", [False, True], ids=["found", "search_is_late"])
def test_13_an_answer_that_is_lost_charges_nobody_twice(community, member, card, door, late):
    """Where Stripe's search finds the payment already, and where it knows of none yet and only the key is left."""
    door.search_is_late = late
    assert swallowed(MANY, member, card, door) == MANY
    assert PaymentAttempt.objects.exclude(state="succeeded").count() == 0
    assert Payment.objects.filter(surplus=False).count() == MANY + 1
    counted = [name for name, _amount in door.account.charges()]
    assert sorted(counted) == sorted(one.reference for one in PaymentAttempt.objects.all())
    guard(community)


def test_13_who_comes_to_pay_while_the_search_is_late_is_not_let_pay_twice(
    community, stripe_account, member, card, door
):
    door.search_is_late = True
    lost = cycle(LOST)
    for _n in range(10):
        door.loses = lambda asked: next(lost) if asked.path == "/v1/payment_intents" else None
        asked = invoice(member)
        attempts.charge(invoice=asked, mandate=card, at=AT, by=SITE)
        door.loses = lambda asked: None
        with pytest.raises(Refused):
            paying.begun(asked, stripe_account, at=LATER)
        # By a list he is found to have paid.
        assert asked.attempts.get().state == "succeeded"
    assert len(door.account.charges()) == 11
    guard(community)


def test_13_without_the_one_key_it_would(member, card, door, monkeypatch):
    door.search_is_late = True
    monkeypatch.setattr(PaymentAttempt, "idem", property(lambda _attempt: secrets.token_hex(8)))
    assert swallowed(3, member, card, door) == 6


def rush(asked, account, mandate):
    """Ten workers renew it, and its owner clicks in two tabs."""
    renew = partial(attempts.charge, invoice=asked, mandate=mandate, at=AT, by=SITE)
    click = partial(paying.begun, asked, account)
    together(*[renew] * 10, click, partial(click, surface=Surface.PHONE))


def test_14_renewed_by_ten_and_clicked_in_two_tabs_it_is_paid_once(
    community, stripe_account, member, card, door
):
    for _n in range(MANY):
        asked = invoice(member)
        rush(asked, stripe_account, card)
        # Where a tab was first, its owner pays there.
        for attempt in asked.attempts.filter(state__in=PaymentAttempt.LIVE):
            door.pay(attempt.reference)
            attempts.refresh(attempt, at=AT, by=SITE)
        assert asked.payments.get().surplus is False
    paid = [name for name, _amount in door.account.charges()]
    assert sorted(paid) == sorted(one.attempt.reference for one in Payment.objects.select_related("attempt"))
    assert len(paid) == MANY + 1
    guard(community)


def asked_by_ten(member, card):
    """One charge is written down, and ten workers have it made at once."""
    attempt = attempts.intend(invoice=invoice(member), mandate=card, at=AT)
    together(*[partial(attempts.ask_to_charge, attempt, at=AT, by=SITE)] * 10)


def test_14_one_try_that_ten_have_made_at_once_is_made_once(community, member, card, door):
    for _n in range(MANY // 10):
        asked_by_ten(member, card)
    # Some were told that it is being asked already: that is no answer.
    assert (len(door.account.charges()), door.in_use > 0) == (1 + MANY // 10, True)
    assert PaymentAttempt.objects.exclude(state="succeeded").count() == 0
    guard(community)


def test_14_without_the_one_key_it_is_made_again(member, card, door, monkeypatch):
    monkeypatch.setattr(PaymentAttempt, "idem", property(lambda _attempt: secrets.token_hex(8)))
    asked_by_ten(member, card)
    assert len(door.account.charges()) > 2
