"""Refunds by the API of what a provider took: asked for in the transaction of the key, sent once by a worker."""

import pytest

from commerce.models import Payment, Refund
from commerce.services import asking, attempts, refunds
from tests import api, make
from tests.commerce import paying
from tests.commerce.dues import AT, SITE, guard, invoice

pytestmark = pytest.mark.django_db
KEY = {"Idempotency-Key": "back-1"}


@pytest.fixture
def payment(sandbox):
    community = paying.community()
    account = paying.connected(community, sandbox)
    attempt = paying.begun(invoice(make.member(community)), account)
    sandbox.pay(attempt.reference)
    attempts.refresh(attempt, at=AT, by=SITE)
    return Payment.objects.get()


@pytest.fixture
def body(payment):
    amount = {"amount": "20.00", "currency": "CNY"}
    return {"payment": str(payment.key), "amount": amount, "reason": "Moved", "then": "keep"}


@pytest.fixture
def program(payment):
    return api.Program(payment.community)


def sent(sandbox) -> list[int]:
    """What the peer sent back, by its own count."""
    return [one["amount"] for one in sandbox.state()["refunds"]]


def test_the_same_key_twice_sends_once(program, body, payment, sandbox):
    made, again = (program.post("refunds/", body, **KEY) for _n in range(2))
    told = made.json()
    assert (made.status_code, again.json(), told["state"], told["credit_note"]) == (
        201,
        told,
        "created",
        None,
    )
    assert sent(sandbox) == []
    for _worker in range(2):
        refunds.send(Refund.objects.get(), at=AT, by=SITE)
    assert sent(sandbox) == [2_000]
    told = program.get(f"refunds/{told['key']}/").json()
    assert (told["state"], told["settled_at"] is not None, told["credit_note"] is not None) == (
        "succeeded",
        True,
        True,
    )
    payment.refresh_from_db()
    assert (payment.refunded, payment.refunding) == (2_000, 0)
    guard(payment.community)


def test_a_message_that_is_lost_is_found(program, body, payment, sandbox):
    """Nobody was told of it: the janitor comes by and sends it."""
    key = program.post("refunds/", body, **KEY).json()["key"]
    due = Refund.objects.get().next_ask_at
    assert asking.ask_refunds_due(at=due, by=SITE) == 1
    assert (sent(sandbox), program.get(f"refunds/{key}/").json()["state"]) == ([2_000], "succeeded")


def test_never_more_than_came(program, body, sandbox):
    for n, status in enumerate([201] * 6 + [422]):
        answer = program.post("refunds/", body, **{"Idempotency-Key": f"back-{n}"})
        assert (n, answer.status_code) == (n, status)
    assert answer.json()["code"] == "too_much"
    for refund in Refund.objects.all():
        refunds.send(refund, at=AT, by=SITE)
    assert sent(sandbox) == [2_000] * 6
