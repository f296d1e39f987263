"""Stripe's SDK and our adapter against `localstripe`, a server that somebody else wrote: charges of who is away, 3-D Secure,
declines, refunds and events that it signs and sends itself. It has no Checkout, and keeps no idempotency keys."""

import queue
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest
import requests
import stripe

from commerce.providers.base import Attempt, BadSignature, Mandate, ProviderRefund, State, Subject
from commerce.providers.stripe import Stripe
from crowdecon.embedded import ports
from kernel.money import Money
from tests.commerce.providers.listening import Answer, listening

EUR_128, NOTHING = Money(12800, "EUR"), Money(0, "EUR")
ATTEMPT = Attempt("a_000001", EUR_128, "Dues 2026", "en")
KEYS = {"account": "acct_1", "secret_key": "sk_test_judged", "webhook_secret": "whsec_judged"}
# It would keep what it knows in a file that all its processes share.
ALONE = (
    "from localstripe import resources, server;"
    "resources.Store.dump_to_disk = lambda self: None;"
    "server.start()"
)


@pytest.fixture(scope="module")
def localstripe():
    port = ports.free()
    command = [sys.executable, "-c", ALONE, "--from-scratch", "--port", str(port)]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            assert child.poll() is None, "localstripe ended by itself."
            try:
                requests.get(f"http://127.0.0.1:{port}/js.stripe.com/v3/", timeout=5)
                break
            except requests.ConnectionError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        child.terminate()
        child.wait(timeout=10)


@pytest.fixture
def sdk(localstripe):
    return stripe.StripeClient(KEYS["secret_key"], base_addresses={"api": localstripe}).v1


@pytest.fixture
def rail(localstripe, monkeypatch):
    monkeypatch.setattr(Stripe, "gateway", localstripe)
    # It refuses a payment that is described.
    monkeypatch.setattr(Stripe, "_described", lambda self, attempt: {})
    return Stripe(KEYS)


def left(sdk, number):
    """A card that a member left."""
    customer = sdk.customers.create({"email": "ada@example.org"})
    card = {"number": number, "exp_month": 12, "exp_year": 2030, "cvc": "123"}
    means = sdk.payment_methods.create({"type": "card", "card": card})
    sdk.payment_methods.attach(means.id, {"customer": customer.id})
    return Mandate(means.id, customer.id)


def charged(rail, sdk, number="4242424242424242"):
    return rail.charge_off_session(left(sdk, number), ATTEMPT, idem="pay-1")


def test_who_is_away_is_charged(rail, sdk):
    paid = charged(rail, sdk)
    assert (paid.state, paid.amount, paid.captured, paid.refunded, paid.fee) == (
        State.SUCCEEDED,
        EUR_128,
        EUR_128,
        NOTHING,
        NOTHING,
    )
    assert rail.fetch_payment("a_000001", paid.provider_reference) == paid
    assert rail.cancel("a_000001", paid.provider_reference) == paid


def test_a_card_that_is_declined(rail, sdk):
    no = charged(rail, sdk, "4000000000000341")
    assert (no.state, no.decline_code, no.captured) == (State.SOFT_DECLINE, "card_declined", NOTHING)


def test_a_bank_that_wants_its_customer(rail, sdk):
    waiting = charged(rail, sdk, "4000002500003155")
    assert (waiting.state, waiting.captured) == (State.REQUIRES_ACTION, NOTHING)
    name = waiting.provider_reference
    secret = sdk.payment_intents.retrieve(name).client_secret
    sdk.payment_intents._request(
        "post",
        f"/v1/payment_intents/{name}/_authenticate",
        base_address="api",
        params={"client_secret": secret, "success": True},
    )
    assert rail.fetch_payment("a_000001", name).state is State.SUCCEEDED


def test_what_waits_for_the_bank_can_be_cancelled(rail, sdk):
    waiting = charged(rail, sdk, "4000002500003155")
    assert rail.cancel("a_000001", waiting.provider_reference).state is State.CANCELLED
    assert rail.cancel("a_000001", waiting.provider_reference).state is State.CANCELLED


def test_parts_of_a_payment_go_back(rail, sdk):
    name = charged(rail, sdk).provider_reference
    for number, cents in ((1, 2800), (2, 10000)):
        done = rail.refund(
            "a_000001", Money(cents, "EUR"), idem=f"refund-{number}", total=EUR_128, provider_reference=name
        )
        assert (done.state, done.amount) == (State.SUCCEEDED, Money(cents, "EUR"))
        found = {"payment_reference": "a_000001", "provider_reference": name}
        assert rail.fetch_refund(f"refund-{number}", **found) == done
    assert rail.fetch_refund("refund-3", **found) == ProviderRefund.absent("refund-3")
    assert rail.fetch_payment("a_000001", name).refunded == EUR_128


def test_the_leave_to_charge_is_taken_back(rail, sdk):
    mandate = left(sdk, "4242424242424242")
    rail.forget_mandate(mandate)
    rail.forget_mandate(mandate)
    assert sdk.payment_methods.retrieve(mandate.reference).customer is None


def test_events_that_it_signs_and_sends_itself(rail, sdk, localstripe):
    came = queue.Queue()
    with listening(lambda asked: came.put(asked) or Answer()) as ours:
        words = {"url": f"{ours.url}/", "secret": "whsec_judged", "events": ["payment_intent.succeeded"]}
        assert requests.post(f"{localstripe}/_config/webhooks/ours", json=words, timeout=5).ok
        paid = charged(rail, sdk)
        # It sends a second later: what comes first may be of another test.
        asked = came.get(timeout=20)
        while paid.provider_reference not in asked.body:
            asked = came.get(timeout=20)
    now = datetime.now(UTC)
    [event] = rail.parse_webhook(asked.headers, asked.body.encode(), now)
    assert (event.subject, event.reference, event.provider_reference, event.amount) == (
        Subject.PAYMENT,
        "a_000001",
        paid.provider_reference,
        EUR_128,
    )
    with pytest.raises(BadSignature):
        rail.parse_webhook(asked.headers, asked.body.encode(), now + timedelta(seconds=310))
    with pytest.raises(BadSignature):
        Stripe(KEYS | {"webhook_secret": "whsec_other"}).parse_webhook(
            asked.headers, asked.body.encode(), now
        )
