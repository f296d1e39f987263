"""Scenario 15: all that Stripe's rail does else, against the same peer; and its words laid beside Stripe's own description of its
API, through which everything goes that is asked here. By `make faults` alone."""

from datetime import timedelta

import pytest
import stripe

from commerce.models import Difference, Dispute, Entry, Payment, ProviderEvent, Refund
from commerce.providers import stripe_shapes as shapes
from commerce.providers.base import (
    Attempt,
    DisputeState,
    LineKind,
    Mandate,
    ProviderRefund,
    ProviderRefused,
    State,
)
from commerce.services import accounts, asking, attempts, disputes, inbox, reconciliation, refunds
from kernel.clock import now
from kernel.errors import Refused
from kernel.money import Money
from tests.commerce import paying
from tests.commerce.dues import AT, SITE, balances, guard, invoice
from tests.commerce.providers import stripe_shapes_peer as ours
from tests.commerce.providers.listening import Answer
from tests.faults.sizes import in_full_only

pytestmark = in_full_only
CNY_120, NOTHING, DUES = Money(12_000, "CNY"), Money(0, "CNY"), "a" * 32
#: 2.9% and 0.30 of 120.00; what a dispute costs there.
FEE, DISPUTED = 378, 1_500
ATTEMPT = Attempt(DUES, CNY_120, "Dues 2026", "en")


@pytest.fixture
def rail(stripe_account):
    return accounts.adapter(stripe_account)


def paid(door, member, account, card="tok_visa"):
    """An invoice of 120.00 that its owner paid on Checkout's page."""
    attempt = paying.begun(invoice(member), account)
    door.pay(attempt.reference, card)
    return attempts.refresh(attempt, at=AT, by=SITE).payment


def relay(account, door, after=0):
    """Its events, in their order, sent to us; and what was done by them."""
    for message in door.account.messages(after):
        assert inbox.take(account, *message, at=now())[0] == 200
    while inbox.handle_due(at=now(), by=SITE):
        pass
    assert set(ProviderEvent.objects.values_list("problem", flat=True)) <= {""}


# What Stripe says of itself


def test_15_every_state_that_it_describes_is_known(stripe_world):
    may_be = stripe_world.specification.may_be
    assert may_be("payment_intent", "status") == set(shapes.PAYMENT_STATES)
    assert may_be("refund", "status") == set(shapes.REFUND_STATES)
    assert may_be("dispute", "status") - set(shapes.DISPUTES_DONE) == {
        "warning_needs_response",
        "warning_under_review",
        "needs_response",
        "under_review",
    }
    assert may_be("checkout.session", "status") == {"open", "complete", "expired"}
    assert stripe_world.specification.version == stripe.api_version


def test_15_the_shapes_of_our_own_peer_are_its_shapes(stripe_world):
    wrong = stripe_world.specification.answered_wrongly
    assert wrong("payment_intent", ours.intent(), whole=False) == []
    for status, about in (("open", None), ("complete", "pi_1"), ("complete", ours.intent())):
        assert wrong("checkout.session", ours.page(status, about), whole=False) == []
    # It would say so.
    assert wrong("payment_intent", ours.intent("paid"), whole=False) == [
        "payment_intent.status is none of those that are listed"
    ]
    asked = stripe_world.specification.asked_wrongly
    path = "/v1/checkout/sessions"
    assert asked("POST", path, "", "mode=payment&line_items[0][quantity]=x&payer=ada") == [
        ".line_items[0].quantity is no integer",
        ".payer is unknown",
    ]
    assert asked("POST", "/v1/payment_intents", "", "amount=5") == [".currency is missing"]
    assert asked("GET", "/v1/payment_intents/search", "limit=5", "") == ["?.query is missing"]


# Who is there


def test_15_a_page_of_checkout_is_paid_and_the_card_kept(door, stripe_account, member, rail):
    attempt = paying.begun(invoice(member), stripe_account, save_mandate=True)
    assert (attempt.state, attempt.presentation["kind"]) == ("pending", "redirect")
    # By our name alone, and by nobody's.
    assert rail.fetch_payment(attempt.reference).state is State.PENDING
    assert rail.fetch_payment("b" * 32).state is State.ABSENT
    with pytest.raises(stripe.CardError):
        door.pay(attempt.reference, "tok_visa_chargeDeclinedInsufficientFunds")
    assert attempts.refresh(attempt, at=AT, by=SITE).state == "pending"
    door.pay(attempt.reference)
    attempt = attempts.refresh(attempt, at=AT, by=SITE)
    assert (attempt.state, attempt.payment.amount, attempt.payment.fee) == ("succeeded", 12_000, FEE)
    assert attempt.payment.paid_at - AT < timedelta(minutes=1)
    again = invoice(member)
    [card] = member.mandates.all()
    assert card.label == "Visa •••• 4242"
    charge = attempts.charge(invoice=again, mandate=card, at=AT, by=SITE)
    assert (charge.state, charge.payment.fee) == ("succeeded", FEE)
    assert rail.fetch_payment(charge.reference).captured == CNY_120


def test_15_a_page_that_is_closed_takes_nothing(door, stripe_account, member):
    attempt = paying.begun(invoice(member), stripe_account)
    assert attempts.close(attempt, at=AT, by=SITE).state == "cancelled"
    with pytest.raises(AssertionError, match="expired"):
        door.pay(attempt.reference)
    # One that was paid is not closed, but paid.
    attempt = paying.begun(invoice(member), stripe_account)
    door.pay(attempt.reference)
    assert attempts.close(attempt, at=AT, by=SITE).state == "succeeded"


# Who is away

NOES = [
    ("tok_visa_chargeDeclined", State.SOFT_DECLINE, "generic_decline"),
    ("tok_visa_chargeDeclinedInsufficientFunds", State.SOFT_DECLINE, "insufficient_funds"),
    ("tok_visa_chargeDeclinedLostCard", State.HARD_DECLINE, "lost_card"),
    ("tok_visa_chargeDeclinedStolenCard", State.HARD_DECLINE, "stolen_card"),
    ("tok_chargeDeclinedExpiredCard", State.HARD_DECLINE, "expired_card"),
    ("tok_chargeDeclinedIncorrectCvc", State.HARD_DECLINE, "incorrect_cvc"),
    ("tok_chargeDeclinedProcessingError", State.SOFT_DECLINE, "processing_error"),
    ("tok_visa_chargeDeclinedVelocityLimitExceeded", State.SOFT_DECLINE, "card_velocity_exceeded"),
    ("tok_threeDSecure2Required", State.REQUIRES_ACTION, "authentication_required"),
]


@pytest.mark.parametrize(("token", "state", "code"), NOES, ids=[token for token, *_rest in NOES])
def test_15_a_banks_no(door, rail, token, state, code):
    v1 = door.account.v1
    means = v1.payment_methods.create({"type": "card", "card": {"token": token}})
    mandate = Mandate(means.id, v1.customers.create({"email": "ada@example.org"}).id)
    for _again in range(2):
        no = rail.charge_off_session(mandate, ATTEMPT, idem="pay-1")
        assert (no.state, no.captured, no.refunded) == (state, NOTHING, NOTHING)
        assert no.decline_code == code
    # Asked once more with the same key it was tried once; and whoever asks hears the same.
    assert len(door.account.all("payment_intents")) == 1
    for name in ("", no.provider_reference):
        found = rail.fetch_payment(DUES, name)
        said = code if state is not State.REQUIRES_ACTION else ""
        assert (found.state, found.decline_code, found.provider_reference) == (
            state,
            said,
            no.provider_reference,
        )
    assert rail.cancel(DUES, no.provider_reference).state is State.CANCELLED
    assert door.account.charges() == []


def test_15_a_bank_that_wants_its_customer_gets_them(door, stripe_account, member, card):
    """Who was away is asked to come; the try of before is closed, and takes nothing any more."""
    left = door.account.left("tok_threeDSecure2Required")
    card.reference, card.payer = left.reference, left.payer
    card.save()
    asked = invoice(member)
    waiting = attempts.charge(invoice=asked, mandate=card, at=AT, by=SITE)
    assert (waiting.state, asked.payments.count()) == ("requires_action", 0)
    page = paying.begun(asked, stripe_account)
    door.pay(page.reference)
    attempts.refresh(page, at=AT, by=SITE)
    waiting.refresh_from_db()
    assert (waiting.state, asked.payments.get().attempt) == ("cancelled", page)
    states = [one["status"] for one in door.account.all("payment_intents")]
    assert states == ["succeeded", "canceled", "succeeded"]


def test_15_a_means_that_is_gone(door, rail):
    kept = door.account.left()
    other = door.account.left()
    for means in (
        Mandate("pm_nobodys", kept.payer),
        Mandate(kept.reference, "cus_nobodys"),
        Mandate(kept.reference, other.payer),
    ):
        with pytest.raises(ProviderRefused) as no:
            rail.charge_off_session(means, ATTEMPT, idem=f"pay-{means.reference}-{means.payer}")
        assert no.value.code == "mandate_gone"
    rail.forget_mandate(kept)
    rail.forget_mandate(kept)
    assert door.account.v1.payment_methods.retrieve(kept.reference).customer is None
    assert door.account.charges() == []


# What goes back


def back(payment, amount):
    given = {"money": Money(amount, "CNY"), "reason": "Asked for it", "then": "keep", "at": AT, "by": SITE}
    return refunds.refund(payment=payment, **given)


def test_15_parts_go_back_and_never_more_than_came(community, door, stripe_account, member, rail):
    payment = paid(door, member, stripe_account)
    assert [back(payment, amount).state for amount in (3_000, 9_000)] == ["succeeded"] * 2
    with pytest.raises(Refused) as no:
        back(payment, 1)
    assert no.value.code == "too_much"
    attempt = payment.attempt
    told = {"provider_reference": attempt.provider_reference, "total": CNY_120}
    # Past our own guard Stripe says no, and what it says of one that went back it says again.
    with pytest.raises(ProviderRefused):
        rail.refund(attempt.reference, Money(1, "CNY"), idem="refund-more", **told)
    first = Refund.objects.earliest("pk")
    assert (
        rail.refund(attempt.reference, first.money, idem=first.idem, reason="Asked for it", **told).amount
        == first.money
    )
    assert rail.fetch_payment(attempt.reference, attempt.provider_reference).refunded == CNY_120
    assert [one["amount"] for one in door.account.all("refunds")] == [3_000, 9_000]
    absent = rail.fetch_refund("refund-0", payment_reference=attempt.reference, provider_reference="")
    assert absent == ProviderRefund.absent("refund-0")
    guard(community)


def test_15_a_refund_whose_answer_is_lost_goes_once(community, door, stripe_account, member):
    payment = paid(door, member, stripe_account)
    door.loses = lambda asked: Answer(silent=True) if asked.path == "/v1/refunds" else None
    made = back(payment, 5_000)
    assert made.state == "unknown"
    door.loses = lambda asked: None
    asking.ask_refunds_due(at=AT + timedelta(minutes=3), by=SITE)
    made.refresh_from_db()
    assert (made.state, [one["amount"] for one in door.account.all("refunds")]) == ("succeeded", [5_000])
    guard(community)


def test_15_a_refund_that_takes_its_time_is_settled_by_word_of_it(
    community, door, stripe_account, member, card
):
    left = door.account.left("4000000000007726")
    card.reference, card.payer = left.reference, left.payer
    card.save()
    payment = attempts.charge(invoice=invoice(member), mandate=card, at=AT, by=SITE).payment
    before = balances(community)
    made = back(payment, 12_000)
    assert made.state == "pending"
    door.account.v1.refunds.cancel(made.provider_reference)
    relay(stripe_account, door)
    made.refresh_from_db()
    payment.refresh_from_db()
    assert (made.state, payment.refunded, payment.refunding) == ("failed", 0, 0)
    assert balances(community) == before
    guard(community)


# What is in question


def stands():
    return Dispute.objects.values_list("state", "amount", "fee").get()


@pytest.mark.parametrize("outcome", ["won", "lost"])
def test_15_a_dispute_is_held_until_it_is_decided(community, door, stripe_account, member, outcome):
    payment = paid(door, member, stripe_account, "tok_visa_createDispute")
    relay(stripe_account, door)
    assert stands() == ("open", 12_000, DISPUTED)
    assert balances(community)["disputes"] == 12_000
    dispute = Dispute.objects.get()
    assert (dispute.reason, dispute.payment, dispute.evidence_due_at > AT) == ("fraudulent", payment, True)
    [found] = door.account.all("disputes")
    with pytest.raises(ProviderRefused):
        accounts.adapter(stripe_account).refund(
            payment.attempt.reference, CNY_120, idem="refund-0", total=CNY_120,
            provider_reference=payment.attempt.provider_reference,
        )  # fmt: skip
    known = len(door.account.all("events"))
    if outcome == "won":
        evidence = {"evidence": {"uncategorized_text": "winning_evidence"}, "submit": True}
        door.account.v1.disputes.update(found["id"], evidence)
    else:
        door.account.v1.disputes.close(found["id"])
    relay(stripe_account, door, known)
    assert stands() == (outcome, 12_000, DISPUTED)
    assert "disputes" not in balances(community)
    # What we have with Stripe is what Stripe has of ours.
    balance = door.account.v1.balance.retrieve()
    assert balances(community)["clearing"] == sum(
        one.amount for one in (*balance.pending, *balance.available)
    )
    # Nobody is told a second time.
    rows = Entry.objects.count()
    disputes.refresh(dispute, at=AT, by=SITE)
    assert Entry.objects.count() == rows
    guard(community)


def test_15_a_mere_question_takes_nothing_until_it_is_a_dispute(
    community, door, stripe_account, member, rail
):
    paid(door, member, stripe_account, "tok_visa_createDisputeInquiry")
    relay(stripe_account, door)
    assert stands() == ("open", 0, None)
    [found] = door.account.all("disputes")
    evidence = {"evidence": {"uncategorized_text": "escalate_inquiry_evidence"}, "submit": True}
    door.account.v1.disputes.update(found["id"], evidence)
    relay(stripe_account, door)
    assert stands() == ("open", 12_000, DISPUTED)
    assert rail.fetch_dispute(found["id"]).state is DisputeState.OPEN
    guard(community)


# Its word, and its books


def test_15_its_events_come_to_our_address_and_have_their_effect_once(
    client, community, door, stripe_account, member
):
    attempt = paying.begun(invoice(member), stripe_account)
    door.pay(attempt.reference)
    messages = door.account.messages()
    address = accounts.hook(stripe_account).removeprefix("http://").partition("/")[2]
    for headers, body in [*messages, *messages]:
        sent = {"content_type": "application/json", "headers": headers}
        assert client.post(f"/{address}", body, **sent).status_code == 200
        assert client.post(f"/{address}", body + b" ", **sent).status_code == 401
    assert ProviderEvent.objects.count() == len(messages)
    for _again in range(2):
        while inbox.handle_due(at=now(), by=SITE):
            pass
    attempt.refresh_from_db()
    assert (attempt.state, Payment.objects.get().amount) == ("succeeded", 12_000)
    assert ProviderEvent.objects.filter(handled_at=None).count() == 0
    assert len(door.account.charges()) == 1
    guard(community)


def test_15_its_books_and_ours_are_the_same(community, door, stripe_account, member, rail):
    stripe_account.made_at = AT - timedelta(days=1)
    stripe_account.save()
    payment = paid(door, member, stripe_account)
    back(payment, 4_000)
    paid(door, member, stripe_account, "tok_visa_createDispute")
    relay(stripe_account, door)
    [found] = door.account.all("disputes")
    evidence = {"evidence": {"uncategorized_text": "winning_evidence"}, "submit": True}
    door.account.v1.disputes.update(found["id"], evidence)
    relay(stripe_account, door)
    night = AT + timedelta(days=20)
    lines = list(rail.settlement_lines(AT - timedelta(days=1), night))
    kinds = sorted((line.kind.value, line.amount.amount, line.fee.amount) for line in lines)
    assert kinds == [
        ("dispute", -12_000, DISPUTED),
        ("dispute_reversed", 12_000, 0),
        ("payment", 12_000, FEE),
        ("payment", 12_000, FEE),
        ("refund", -4_000, 0),
    ]
    assert {line.reference for line in lines if line.kind is LineKind.PAYMENT} == {
        one.attempt.reference for one in Payment.objects.select_related("attempt")
    }
    moved = sum(line.amount.amount - line.fee.amount for line in lines)
    assert moved == balances(community)["clearing"]
    # Of all that there is to tell, one thing is: money that nobody here knows of.
    v1, left = door.account.v1, door.account.left()
    v1.payment_intents.create(
        {"amount": 700, "currency": "cny", "confirm": True}
        | {"payment_method": left.reference, "customer": left.payer}
    )
    run = reconciliation.reconcile(stripe_account, at=night, by=SITE)
    assert (run.problem, run.lines, run.taken_over) == ("", 6, 0)
    assert list(Difference.objects.values_list("kind", "subject", "there")) == [
        ("missing_here", "payment", 700)
    ]
    guard(community)
