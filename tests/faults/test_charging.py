"""Scenarios 4 and 5: answers are swallowed, and everybody asks at once; the peer's own count says who was charged."""

import secrets
from datetime import timedelta
from functools import partial

import pytest

from commerce.models import Payment, PaymentAttempt
from commerce.providers.base import ProviderPayment, Surface
from commerce.services import asking, attempts
from tests.commerce import paying
from tests.commerce.dues import AT, SITE, guard, invoice
from tests.faults.sizes import times
from tests.security.races import together

LATER = AT + timedelta(minutes=3)


def swallowed(many, member, mandate, sandbox):
    """So many charges of which the peer keeps the answer to itself; then the janitor comes. How many charges it counts."""
    for _n in range(many):
        sandbox.fault("drop", operation="charge")
        attempt = attempts.charge(invoice=invoice(member), mandate=mandate, at=AT, by=SITE)
        assert attempt.state == "unknown"
    while asking.ask_due(at=LATER, by=SITE):
        pass
    return len(sandbox.charges()) - 1


def test_4_an_answer_that_is_swallowed_charges_nobody_twice(community, member, mandate, sandbox):
    many = times(4, 500)
    assert swallowed(many, member, mandate, sandbox) == many
    assert PaymentAttempt.objects.exclude(state="succeeded").count() == 0
    assert Payment.objects.filter(surplus=False).count() == many + 1
    guard(community)


def test_4_without_the_one_key_it_would(member, mandate, sandbox, monkeypatch):
    monkeypatch.setattr(PaymentAttempt, "idem", property(lambda _attempt: secrets.token_hex(8)))
    monkeypatch.setattr(attempts, "asked", lambda attempt: ProviderPayment.absent(attempt.reference))
    assert swallowed(2, member, mandate, sandbox) == 4


def rush(asked, account, mandate):
    """Ten workers renew it, and its owner clicks in two tabs."""
    renew = partial(attempts.charge, invoice=asked, mandate=mandate, at=AT, by=SITE)
    click = partial(paying.begun, asked, account)
    together(*[renew] * 10, click, partial(click, surface=Surface.PHONE))


def test_5_renewed_by_ten_and_clicked_in_two_tabs_it_is_paid_once(
    community, account, member, mandate, sandbox
):
    for _n in range(times(2, 500)):
        asked = invoice(member)
        rush(asked, account, mandate)
        # Where a tab was first, its owner pays there.
        for attempt in asked.attempts.filter(state__in=PaymentAttempt.LIVE):
            sandbox.pay(attempt.reference)
            attempts.refresh(attempt, at=AT, by=SITE)
        references = [one.reference for one in asked.attempts.all()]
        assert len([charge for charge in sandbox.charges() if charge[0] in references]) == 1
        assert asked.payments.get().surplus is False
    guard(community)


def test_5_without_the_look_at_what_is_on_its_way_the_database_refuses(account, member, mandate, monkeypatch):
    """The lock and the question taken away, it is the constraint that is left: an error, and still one attempt."""
    monkeypatch.setattr(PaymentAttempt, "LIVE", ())
    with pytest.raises(Exception, match="attempt_one_on_its_way|duplicate key"):
        rush(invoice(member), account, mandate)
