"""Attempts to pay, against the sandbox in its own process: one charge at the peer, one payment here, whatever is lost between."""

from datetime import timedelta
from itertools import permutations

import pytest
from django.db import transaction

from commerce.models import Mandate, Payment, PaymentAttempt
from commerce.providers.base import Mandate as Means
from commerce.providers.base import ProviderPayment, State, Surface
from commerce.services import accounts, asking, attempts, invoices, outcomes
from kernel import activity
from kernel.errors import Refused
from kernel.money import Money
from tests import make
from tests.commerce import paying
from tests.commerce.dues import AT, SITE, balances, guard, invoice

pytestmark = pytest.mark.django_db
TOTAL = Money(12_000, "CNY")


@pytest.fixture
def community():
    return paying.community()


@pytest.fixture
def account(community, sandbox):
    return paying.connected(community, sandbox)


@pytest.fixture
def member(community):
    return make.member(community)


@pytest.fixture
def mandate(account, member, sandbox):
    """A means of payment that was left with a first payment."""
    attempt = paying.begun(invoice(member), account, save_mandate=True)
    sandbox.pay(attempt.reference)
    attempts.refresh(attempt, at=AT, by=SITE)
    return Mandate.objects.get()


def charged(asked, mandate, at=AT):
    return attempts.charge(invoice=asked, mandate=mandate, at=at, by=SITE)


def janitor(*after):
    """Let the janitor run at these times after the beginning."""
    return [asking.ask_due(at=AT + timedelta(minutes=minutes), by=SITE) for minutes in after]


def refused(act):
    with pytest.raises(Refused) as refusal:
        act()
    return refusal.value.code


def test_an_invoice_is_paid_on_the_providers_page(community, account, member, sandbox):
    asked = invoice(member)
    attempt = paying.begun(asked, account)
    assert (attempt.state, attempt.presentation["kind"]) == ("pending", "redirect")
    assert sandbox.charges() == []
    sandbox.pay(attempt.reference)
    for _twice in range(2):
        attempt = attempts.refresh(attempt, at=AT, by=SITE)
    asked.refresh_from_db()
    assert (attempt.state, attempt.asked, asked.status) == ("succeeded", {}, "paid")
    assert balances(community) == {"clearing": 11_652, "fees": 348, "deferred": -12_000}
    assert sandbox.charges() == [(attempt.reference, f"pay-{attempt.pk}", 12_000)]
    assert refused(lambda: paying.begun(asked, account)) == "not_open"
    guard(community)


def test_the_open_way_is_given_again_and_another_closes_it(account, member, sandbox):
    asked = invoice(member)
    first = paying.begun(asked, account)
    assert paying.begun(asked, account) == first
    phone = paying.begun(asked, account, surface=Surface.PHONE)
    first.refresh_from_db()
    assert (phone != first, first.state, phone.state) == (True, "cancelled", "pending")
    assert [one["state"] for one in sandbox.state()["payments"]] == ["cancelled", "pending"]


def test_who_paid_on_the_other_page_meanwhile_pays_no_second_time(account, member, sandbox):
    asked = invoice(member)
    sandbox.pay(paying.begun(asked, account).reference)
    assert refused(lambda: paying.begun(asked, account, surface=Surface.PHONE)) == "not_open"
    assert Payment.objects.get().invoice == asked


def test_a_provider_that_does_not_answer_is_asked_again_with_the_same_key(account, member, sandbox):
    asked = invoice(member)
    sandbox.fault("drop", operation="checkout")
    attempt = paying.begun(asked, account)
    assert (attempt.state, attempt.presentation) == ("unknown", None)
    again = paying.begun(asked, account)
    assert (again, again.state, again.presentation["kind"]) == (attempt, "pending", "redirect")
    assert len(sandbox.state()["payments"]) == 1


def test_a_saved_means_is_charged_once_though_the_answer_is_lost(account, member, mandate, sandbox):
    sandbox.fault("drop", operation="charge")
    attempt = charged(invoice(member), mandate)
    assert attempt.state == "unknown"
    assert janitor(0, 1, 2) == [0, 1, 0]
    attempt.refresh_from_db()
    assert (attempt.state, attempt.payment.amount) == ("succeeded", 12_000)
    assert len(sandbox.charges()) == 2


def test_what_was_written_and_never_asked_for_is_asked_for(account, member, mandate, sandbox, monkeypatch):
    asked = invoice(member)
    with monkeypatch.context() as patch:
        patch.setattr(attempts, "ask_to_charge", lambda attempt, **_: attempt)
        attempt = charged(asked, mandate)
    assert (attempt.state, len(sandbox.charges())) == ("created", 1)
    janitor(1)
    attempt.refresh_from_db()
    assert (attempt.state, len(sandbox.charges())) == ("succeeded", 2)


def test_after_the_last_asking_an_operator_is_called(account, member, mandate, sandbox):
    sandbox.fault("error_before", times=None, operation="any")
    attempt = charged(invoice(member), mandate)
    assert janitor(1, 6, 66, 1506, 3000) == [1, 1, 1, 1, 0]
    attempt.refresh_from_db()
    assert (attempt.state, attempt.asks) == ("unknown", 4)
    assert attempt.given_up_at == AT + timedelta(minutes=1506)
    sandbox.fault("error_before", 0)
    assert asking.ask_again(attempt, at=AT + timedelta(days=3), by=SITE).state == "succeeded"
    assert attempt.given_up_at is None


def test_a_page_that_nobody_pays_on_is_closed_in_the_end(account, member, sandbox):
    attempt = paying.begun(invoice(member), account)
    sandbox.pay(attempt.reference, "soft_decline")
    assert janitor(1, 6, 66, 1506) == [1, 1, 1, 1]
    attempt.refresh_from_db()
    assert (attempt.state, attempt.decline_code) == ("cancelled", "insufficient_funds")
    assert sandbox.state()["payments"][0]["state"] == "cancelled"


@pytest.mark.parametrize(("ending", "hard"), [("soft_decline", False), ("hard_decline", True)])
def test_a_declined_charge_is_told_to_whoever_waits(
    account, member, mandate, sandbox, monkeypatch, ending, hard
):
    heard = []
    monkeypatch.setattr(activity, "_listeners", {"attempt.declined": [lambda **told: heard.append(told)]})
    sandbox.fault(ending)
    attempt = charged(invoice(member), mandate)
    mandate.refresh_from_db()
    assert (attempt.state, attempt.hard, mandate.ended_at) == ("declined", hard, AT if hard else None)
    assert [told["attempt"] for told in heard] == [attempt]
    assert len(sandbox.charges()) == 1


def test_a_charge_that_has_to_be_confirmed_waits_for_its_owner(account, member, mandate, sandbox):
    sandbox.fault("requires_action")
    attempt = charged(invoice(member), mandate)
    assert (attempt.state, bool(attempt.action_url)) == ("requires_action", True)
    assert refused(lambda: charged(attempt.invoice, mandate)) == "being_paid"
    sandbox.pay(attempt.reference, "confirm")
    assert attempts.refresh(attempt, at=AT, by=SITE).state == "succeeded"


def test_nobody_is_charged_who_has_taken_the_leave_back(account, member, mandate, sandbox):
    sandbox.rail().forget_mandate(Means(mandate.reference))
    asked = invoice(member)
    attempt = charged(asked, mandate)
    assert (attempt.state, attempt.hard, attempt.decline_code) == ("declined", True, "mandate_gone")
    assert refused(lambda: charged(asked, mandate)) == "no_mandate"
    assert refused(lambda: charged(invoice(make.member(member.community)), mandate)) == "no_mandate"
    assert len(sandbox.charges()) == 1


def test_what_is_not_to_be_paid_any_more_is_not_charged_by_the_janitor(account, member, mandate, sandbox):
    asked = invoice(member)
    sandbox.fault("error_before", operation="charge")
    attempt = charged(asked, mandate)
    invoices.settle(asked, community=member.community, at=AT, by=SITE)
    janitor(3)
    attempt.refresh_from_db()
    assert (attempt.state, len(sandbox.charges())) == ("cancelled", 1)


def test_a_rail_that_is_not_offered_takes_nothing(account, member):
    asked = invoice(member)
    elsewhere = invoice(make.member(paying.community()))
    assert refused(lambda: paying.begun(elsewhere, account)) == "not_offered"
    accounts.disable(account, at=AT, by=SITE)
    assert refused(lambda: paying.begun(asked, account)) == "not_offered"
    assert not PaymentAttempt.objects.exists()


def test_nobody_is_asked_inside_a_transaction(account, member):
    asked = invoice(member)
    with transaction.atomic(), pytest.raises(RuntimeError):
        paying.begun(asked, account)
    assert not PaymentAttempt.objects.exists()


SAYINGS = [State.PENDING, State.REQUIRES_ACTION, State.CANCELLED, State.SOFT_DECLINE, State.SUCCEEDED]


def test_in_whatever_order_it_is_said_it_comes_to_the_same(account, member):
    for order in list(permutations(SAYINGS))[::12]:
        attempt = paying.begun(invoice(member), account)
        for state in order:
            captured = TOTAL if state is State.SUCCEEDED else Money(0, "CNY")
            found = ProviderPayment(
                attempt.reference, state, TOTAL, captured, Money(0, "CNY"), fee=Money(72, "CNY")
            )
            attempt = outcomes.apply(attempt, found, at=AT, by=SITE)
        assert (attempt.state, attempt.payment.amount, attempt.invoice.status) == (
            "succeeded",
            12_000,
            "paid",
        )
    count = Payment.objects.count()
    assert balances(member.community) == {
        "clearing": count * 11_928, "fees": count * 72, "deferred": -count * 12_000,
    }  # fmt: skip
    guard(member.community)


def test_another_payment_and_another_currency_pay_nothing(account, member):
    attempt = paying.begun(invoice(member), account)
    other = ProviderPayment("x" * 32, State.SUCCEEDED, TOTAL, TOTAL, None)
    with pytest.raises(ValueError):
        attempts.apply(attempt, other, at=AT, by=SITE)
    dollars = Money(12_000, "USD")
    found = ProviderPayment(attempt.reference, State.SUCCEEDED, dollars, dollars, None)
    attempt = attempts.apply(attempt, found, at=AT, by=SITE)
    assert (attempt.state, attempt.given_up_at, Payment.objects.exists()) == ("pending", AT, False)
