"""The adapter against the real peer, in its own process: every method, every fault, and the peer's own count of charges."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from commerce.providers.base import (
    Attempt,
    DisputeState,
    Health,
    LineKind,
    ProviderDown,
    ProviderPayment,
    ProviderRefund,
    ProviderRefused,
    QrCode,
    Redirect,
    State,
    Surface,
)
from kernel.money import Money

ATTEMPT = Attempt("inv-1", Money(12800, "CNY"), "A year of Lantern", "zh-hans", email="li@example.org")
TOTAL = ATTEMPT.amount
BACK = "http://127.0.0.1:1/back"
JANUARY = datetime(2027, 1, 31, 12, tzinfo=UTC)


def opened(sandbox, attempt=ATTEMPT, *, surface=Surface.PHONE):
    return sandbox.rail().create_checkout(
        attempt, idem=f"pay-{attempt.reference}", surface=surface, return_url=BACK
    )


def saved(sandbox):
    """A means of payment that was saved with a first payment."""
    opened(sandbox)
    sandbox.pay("inv-1", save=True)
    mandate = sandbox.rail().fetch_payment("inv-1").mandate
    assert mandate and (mandate.payer, mandate.label) == ("li@example.org", "Visa •••• 4242")
    return mandate


def charge(sandbox, mandate, *, idem="pay-2"):
    return sandbox.rail().charge_off_session(mandate, replace(ATTEMPT, reference="inv-2"), idem=idem)


def test_a_payment_from_its_page_to_its_books(sandbox):
    sandbox.set_clock(JANUARY)
    shown = opened(sandbox)
    assert isinstance(shown, Redirect) and shown.url.startswith(f"{sandbox.peer.url}/pay/page_")
    assert sandbox.rail().fetch_payment("inv-1").state is State.PENDING
    sandbox.pay("inv-1")
    assert sandbox.rail().fetch_payment("inv-1", shown.provider_reference) == ProviderPayment(
        "inv-1", State.SUCCEEDED, TOTAL, captured=TOTAL, refunded=Money(0, "CNY"),
        provider_reference=shown.provider_reference, paid_at=JANUARY, fee=Money(371, "CNY"),
    )  # fmt: skip
    assert sandbox.charges() == [("inv-1", "pay-inv-1", 12800)]


def test_a_code_to_scan_is_shown_at_a_desk_where_the_house_does_so(sandbox):
    sandbox.fault("qr_code", times=None)
    desk, phone = opened(sandbox, surface=Surface.DESK), opened(sandbox, replace(ATTEMPT, reference="inv-2"))
    assert isinstance(desk, QrCode) and desk.content.startswith(f"{sandbox.peer.url}/pay/")
    assert isinstance(phone, Redirect)


def test_the_same_key_gets_the_same_answer_and_for_something_else_a_refusal(sandbox):
    assert opened(sandbox) == opened(sandbox)
    with pytest.raises(ProviderRefused) as refused:
        opened(sandbox, replace(ATTEMPT, amount=Money(1, "CNY")))
    assert refused.value.code == "idempotency_conflict"
    assert len(sandbox.state()["payments"]) == 1


def test_twenty_at_once_with_one_key_charge_once(sandbox):
    mandate = saved(sandbox)
    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(lambda _: charge(sandbox, mandate), range(20)))
    assert {payment.provider_reference for payment in found} == {found[0].provider_reference}
    assert sandbox.charges() == [("inv-1", "pay-inv-1", 12800), ("inv-2", "pay-2", 12800)]


def test_another_key_charges_again_and_the_peer_counts_it(sandbox):
    mandate = saved(sandbox)
    charge(sandbox, mandate)
    charge(sandbox, mandate, idem="pay-2-again")
    assert [made[:2] for made in sandbox.charges()[1:]] == [("inv-2", "pay-2"), ("inv-2", "pay-2-again")]


@pytest.mark.parametrize(
    ("fault", "charged_meanwhile"), [("drop", True), ("error_after", True), ("error_before", False)]
)
def test_an_answer_that_never_came_is_unknown_and_asking_again_charges_once(
    sandbox, fault, charged_meanwhile
):
    mandate = saved(sandbox)
    sandbox.fault(fault)
    with pytest.raises(ProviderDown):
        charge(sandbox, mandate)
    expected = State.SUCCEEDED if charged_meanwhile else State.ABSENT
    assert sandbox.rail().fetch_payment("inv-2").state is expected
    assert charge(sandbox, mandate).state is State.SUCCEEDED
    assert sandbox.charges()[1:] == [("inv-2", "pay-2", 12800)]


def test_an_answer_that_takes_too_long_is_unknown(sandbox, monkeypatch):
    monkeypatch.setattr("commerce.providers.sandbox.PATIENCE", (1, 0.3))
    sandbox.fault("delay", 1, operation="fetch")
    with pytest.raises(ProviderDown):
        sandbox.rail().fetch_payment("inv-1")


@pytest.mark.parametrize(
    ("fault", "state", "code"),
    [
        ("soft_decline", State.SOFT_DECLINE, "insufficient_funds"),
        ("hard_decline", State.HARD_DECLINE, "lost_card"),
        ("requires_action", State.REQUIRES_ACTION, ""),
    ],
)
def test_what_the_payers_bank_may_say_to_a_charge(sandbox, fault, state, code):
    mandate = saved(sandbox)
    sandbox.fault(fault)
    found = charge(sandbox, mandate)
    assert (found.state, found.decline_code, found.captured) == (state, code, Money(0, "CNY"))
    assert bool(found.action_url) == (state is State.REQUIRES_ACTION)
    assert len(sandbox.charges()) == 1


def test_what_is_confirmed_is_paid_and_what_is_not_can_be_tried_again(sandbox):
    mandate = saved(sandbox)
    sandbox.fault("requires_action")
    charge(sandbox, mandate)
    assert sandbox.pay("inv-2", "refuse")["decline_code"] == "authentication_failed"
    sandbox.pay("inv-2", "requires_action")
    assert sandbox.pay("inv-2", "confirm")["state"] == "succeeded"
    assert len(sandbox.charges()) == 2


def test_a_forgotten_means_is_charged_no_more(sandbox):
    mandate = saved(sandbox)
    for _ in range(2):
        sandbox.rail().forget_mandate(mandate)
    with pytest.raises(ProviderRefused) as refused:
        charge(sandbox, mandate)
    assert refused.value.code == "mandate_gone"
    assert len(sandbox.charges()) == 1


def test_cancelled_is_never_paid_and_paid_is_never_cancelled(sandbox):
    opened(sandbox)
    assert sandbox.rail().cancel("inv-1").state is State.CANCELLED
    assert sandbox.pay("inv-1")["state"] == "cancelled"
    opened(sandbox, replace(ATTEMPT, reference="inv-2"))
    sandbox.pay("inv-2")
    assert sandbox.rail().cancel("inv-2").state is State.SUCCEEDED


def test_a_page_closes_when_its_time_is_over(sandbox):
    sandbox.set_clock(JANUARY)
    opened(sandbox, replace(ATTEMPT, expires_at=JANUARY + timedelta(hours=1)))
    sandbox.set_clock(JANUARY + timedelta(hours=1))
    assert sandbox.pay("inv-1")["state"] == "cancelled"
    assert sandbox.charges() == []


def test_what_the_peer_never_heard_of_is_absent(sandbox):
    rail = sandbox.rail()
    assert rail.fetch_payment("nothing/../there?") == ProviderPayment.absent("nothing/../there?")
    assert rail.cancel("nothing") == ProviderPayment.absent("nothing")
    assert rail.fetch_refund("no", payment_reference="nothing") == ProviderRefund.absent("no")
    with pytest.raises(ProviderRefused):
        rail.fetch_dispute("dsp_none")


def refund(sandbox, amount, idem):
    return sandbox.rail().refund("inv-1", Money(amount, "CNY"), idem=idem, total=TOTAL)


def test_refunds_never_exceed_what_was_captured(sandbox):
    opened(sandbox)
    sandbox.pay("inv-1")
    assert refund(sandbox, 10000, "r1").state is State.SUCCEEDED
    assert refund(sandbox, 10000, "r1") == sandbox.rail().fetch_refund("r1", payment_reference="inv-1")
    with pytest.raises(ProviderRefused) as refused:
        refund(sandbox, 2801, "r2")
    assert refused.value.code == "more_than_captured"
    refund(sandbox, 2800, "r3")
    assert sandbox.rail().fetch_payment("inv-1").refunded == TOTAL


def test_a_refund_on_its_way_counts_until_it_fails(sandbox):
    opened(sandbox)
    sandbox.pay("inv-1")
    sandbox.fault("refund_pending")
    assert refund(sandbox, 12800, "r1").state is State.PENDING
    with pytest.raises(ProviderRefused):
        refund(sandbox, 1, "r2")
    sandbox.do("refunds", idem="r1", succeeded=False)
    assert sandbox.rail().fetch_refund("r1", payment_reference="inv-1").state is State.HARD_DECLINE
    assert refund(sandbox, 12800, "r3").state is State.SUCCEEDED


@pytest.mark.parametrize(("won", "state"), [(True, DisputeState.WON), (False, DisputeState.LOST)])
def test_a_dispute_and_the_books_of_it(sandbox, won, state):
    sandbox.set_clock(JANUARY)
    opened(sandbox)
    sandbox.pay("inv-1")
    refund(sandbox, 800, "r1")
    name = sandbox.dispute("inv-1")
    with pytest.raises(ProviderRefused):
        refund(sandbox, 1, "r2")
    found = sandbox.rail().fetch_dispute(name)
    assert (found.state, found.amount, found.payment_reference) == (
        DisputeState.OPEN,
        Money(12000, "CNY"),
        "inv-1",
    )
    sandbox.do("decide", dispute=name, won=won)
    assert sandbox.rail().fetch_dispute(name).state is state
    sandbox.do("payouts")
    lines = list(sandbox.rail().settlement_lines(JANUARY, JANUARY + timedelta(seconds=1)))
    back = [(LineKind.DISPUTE_REVERSED, 12000, 0)] if won else []
    paid_out = [(LineKind.PAYOUT, -10129, 0)] if won else []
    assert [(line.kind, line.amount.amount, line.fee.amount) for line in lines] == [
        (LineKind.PAYMENT, 12800, 371),
        (LineKind.REFUND, -800, 0),
        (LineKind.DISPUTE, -12000, 0),
        (LineKind.FEE, -1500, 0),
        *back,
        *paid_out,
    ]
    assert list(sandbox.rail().settlement_lines(JANUARY - timedelta(days=1), JANUARY)) == []


def test_the_connection_is_tested(sandbox):
    assert sandbox.rail().test_connection() == Health(True, account="Lantern")
    assert not sandbox.rail("http://example.org/hooks/").test_connection().works
    stranger = sandbox.rail()
    stranger.keys = sandbox.keys | {"api_key": "sk_another"}
    assert not stranger.test_connection().works
    with pytest.raises(ProviderRefused):
        stranger.fetch_payment("inv-1")


def test_where_the_site_is_no_trial_nothing_is_asked(sandbox, settings):
    settings.SITE_IS_TRIAL = False
    with pytest.raises(ProviderRefused):
        opened(sandbox)
    settings.SITE_IS_TRIAL = True
    assert sandbox.state()["payments"] == []


def test_with_the_peer_away_the_outcome_is_unknown(sandbox, settings):
    settings.SANDBOX_URL = "http://127.0.0.1:1"
    with pytest.raises(ProviderDown):
        opened(sandbox)
    assert not sandbox.rail().test_connection().works
