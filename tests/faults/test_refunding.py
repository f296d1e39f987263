"""Scenario 6: twenty staff send 30% of one payment back at once; there is room for three of them."""

from contextlib import suppress
from functools import partial

from django.db import IntegrityError

from commerce.models import Refund
from commerce.services import attempts, payments, refunds, standings
from kernel.money import Money
from tests.commerce import paying
from tests.commerce.dues import AT, SITE, guard, invoice
from tests.faults.sizes import times
from tests.security.races import together


def paid(member, account, sandbox):
    attempt = paying.begun(invoice(member), account)
    sandbox.pay(attempt.reference)
    return attempts.refresh(attempt, at=AT, by=SITE).payment


def rush(payment):
    given = {"money": Money(3_600, "CNY"), "reason": "Asked for it", "then": "keep", "at": AT, "by": SITE}
    return together(*[partial(refunds.refund, payment=payment, **given)] * 20)


def test_6_of_twenty_thirds_at_once_three_go_back(community, account, member, sandbox):
    for _n in range(times(1, 100)):
        payment = paid(member, account, sandbox)
        found = rush(payment)
        assert sorted(map(str, (one for one in found if isinstance(one, str)))) == ["too_much"] * 17
        payment.refresh_from_db()
        assert (payment.refunded, payment.refunding) == (10_800, 0)
        assert [one.state for one in payment.refunds.all()] == ["succeeded"] * 3
    peer = [one["state"] for one in sandbox.state()["refunds"]]
    assert peer == ["succeeded"] * Refund.objects.count()
    guard(community)


def test_6_without_the_lock_more_would_be_let_through(account, member, sandbox, monkeypatch):
    payment = paid(member, account, sandbox)
    monkeypatch.setattr(refunds, "locked", lambda rows: rows)
    for lock in ("locked", "held"):
        monkeypatch.setattr(payments, lock, lambda rows: rows)
    monkeypatch.setattr(standings, "held", lambda rows: rows)
    # What the database and the peer still refuse comes too late: it was promised.
    with suppress(IntegrityError):
        rush(payment)
    assert Refund.objects.count() > 3
