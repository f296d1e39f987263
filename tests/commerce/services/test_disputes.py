"""Disputes: what the bank took is held, won back or gone, whatever order the words come in; the membership is for staff."""

from datetime import timedelta
from itertools import permutations

import pytest

from commerce.models import Dispute, Mandate, Payment, ProviderEvent, Subscription, Transaction
from commerce.services import attempts, disputes, inbox, ledger, refunds
from kernel.errors import Refused
from kernel.money import Money
from members.actors import Actor
from members.models import AuditEntry, Message
from members.roles import Role
from tests import make
from tests.commerce import paying
from tests.commerce.dues import AT, SITE, balances, guard, invoice, plan
from tests.commerce.services.test_subscriptions import take

pytestmark = pytest.mark.django_db
#: Of 120.00: what the sandbox keeps of a payment, and of a dispute.
FEE, COST = 348, 1_500
LATER = AT + timedelta(days=3)


@pytest.fixture
def community():
    return paying.community()


@pytest.fixture
def account(community, sandbox):
    return paying.connected(community, sandbox)


@pytest.fixture
def attempt(community, account, sandbox):
    """A payment of 120.00, tax of 6% inside, for a plan; its means is kept."""
    found = take(make.member(community, name="Mei"), plan(community, tax_rate=600))
    attempt = paying.begun(found.invoices.get(), account, save_mandate=True)
    sandbox.pay(attempt.reference, save=True)
    return attempt


def paid(attempt):
    return attempts.refresh(attempt, at=AT, by=SITE).payment


def deliver(account, messages, at=AT):
    for headers, body in messages:
        inbox.take(account, headers, body, at=at)
        inbox.handle_due(at=at, by=SITE)


def refusal(act, **fields):
    with pytest.raises(Refused) as no:
        act(**fields)
    return no.value.code


def chosen(dispute, then, **fields):
    return disputes.choose(
        **({"dispute": dispute, "then": then, "reason": "Theirs", "at": AT, "by": SITE} | fields)
    )


def test_what_the_bank_took_is_held_and_the_means_is_charged_no_more(community, account, attempt, sandbox):
    payment = paid(attempt)
    before = balances(community)
    name = sandbox.dispute(attempt.reference)
    deliver(account, sandbox.messages())
    dispute = Dispute.objects.get()
    assert (dispute.provider_reference, dispute.state, dispute.amount, dispute.fee) == (
        name,
        "open",
        12_000,
        COST,
    )
    assert dispute.evidence_due_at == AT + timedelta(days=7)
    assert balances(community) == before | {"clearing": -FEE - COST, "fees": FEE + COST, "disputes": 12_000}
    assert not Mandate.objects.filter(ended_at=None).exists()
    # Nothing else happens by itself; without a means they are asked seven days ahead.
    found = Subscription.objects.get()
    assert (found.status, found.next_at.isoformat()) == ("active", "2026-03-26T09:00:00+00:00")
    assert (
        refusal(refunds.refund, payment=payment, money=payment.money, reason="x", then="keep", at=AT, by=SITE)
        == "disputed"
    )
    told = Message.objects.get(kind="money.disputed")
    assert "Mei" in told.subject and told.membership.role == Role.OWNER
    assert AuditEntry.objects.filter(action="dispute.opened").count() == 1
    guard(community)


def test_won_it_is_back(community, account, attempt, sandbox):
    payment = paid(attempt)
    before = balances(community)
    sandbox.do("decide", dispute=sandbox.dispute(attempt.reference), won=True)
    deliver(account, sandbox.messages())
    assert Dispute.objects.get().state == "won"
    assert balances(community) == before | {"clearing": 12_000 - FEE - COST, "fees": FEE + COST}
    assert refusal(chosen, dispute=Dispute.objects.get(), then="now") == "won"
    refunds.refund(payment=payment, money=Money(1_000, "CNY"), reason="x", then="keep", at=AT, by=SITE)
    payment.refresh_from_db()
    assert payment.refunded == 1_000
    guard(community)


def test_lost_it_is_gone_and_what_was_asked_for_is_taken_back(community, account, attempt, sandbox):
    paid(attempt)
    sandbox.do("decide", dispute=sandbox.dispute(attempt.reference), won=False)
    sandbox.set_clock(LATER)
    deliver(account, sandbox.messages(), at=LATER)
    dispute = Dispute.objects.get()
    assert (dispute.state, dispute.credit_note.gross, dispute.credit_note.tax) == ("lost", 12_000, 679)
    assert balances(community) == {"clearing": -FEE - COST, "fees": FEE + COST}
    found = Subscription.objects.get()
    assert (found.status, found.covered_paid) == ("active", 0)
    assert Message.objects.filter(kind="money.dispute_decided").count() == 1
    guard(community)


def test_what_was_over_is_taken_from_the_credit_it_had_become(community, account, sandbox):
    member = make.member(community)
    bill = invoice(member)
    attempt = paying.begun(bill, account)
    sandbox.pay(attempt.reference)
    # Paid by transfer in the same moment: what the provider took is credit.
    from tests.commerce.dues import received

    received(bill)
    assert paid(attempt).surplus
    sandbox.do("decide", dispute=sandbox.dispute(attempt.reference), won=False)
    deliver(account, sandbox.messages())
    assert Dispute.objects.get().credit_note is None
    assert ledger.credit_of(member, "CNY").amount == 0
    assert balances(community)["clearing"] == -FEE - COST
    guard(community)


def told_in(order, sandbox, *, won, known):
    """A payment that is disputed and decided, whose words come in this order, each twice: the ledger and the state then.
    `known`: it was recorded before, and a part of it is on its way back."""
    here, own = paying.community(), sandbox.peer.open_account()
    at = paying.connected(here, own)
    attempt = paying.begun(invoice(make.member(here), rate=600), at)
    own.pay(attempt.reference)
    if known:
        own.fault("refund_pending")
        given = {"money": Money(2_000, "CNY"), "reason": "x", "then": "keep", "at": AT, "by": SITE}
        back = refunds.refund(payment=paid(attempt), **given)
        own.do("refunds", idem=back.idem, succeeded=True)
    own.do("decide", dispute=own.dispute(attempt.reference), won=won)
    words = own.messages()
    assert len(words) == len(order)
    deliver(at, [words[place] for place in order for _twice in range(2)])
    assert not ProviderEvent.objects.filter(account=at, handled_at=None).exists()
    guard(here)
    return tuple(sorted(balances(here).items())), Dispute.objects.get(payment__community=here).state


@pytest.mark.parametrize(("won", "state"), [(True, "won"), (False, "lost")])
def test_whatever_order_its_words_come_in_the_ledger_is_one(sandbox, won, state):
    found = {told_in(order, sandbox, won=won, known=False) for order in permutations(range(3))}
    assert [state for _ledger, state in found] == [state]


def test_with_a_refund_on_its_way_the_ledger_is_one_too(sandbox):
    found = {told_in(order, sandbox, won=False, known=True) for order in permutations(range(4))}
    [(ledger_then, state)] = found
    assert (dict(ledger_then), state) == ({"clearing": -FEE - COST, "fees": FEE + COST}, "lost")


def test_said_again_and_again_it_is_posted_once(community, account, attempt, sandbox):
    paid(attempt)
    dispute_name = sandbox.dispute(attempt.reference)
    rail = sandbox.rail()
    opened = rail.fetch_dispute(dispute_name)
    disputes.apply(attempts.whole(attempt), opened, at=AT, by=SITE)
    sandbox.do("decide", dispute=dispute_name, won=False)
    for found in (rail.fetch_dispute(dispute_name), opened, rail.fetch_dispute(dispute_name)):
        disputes.apply(attempts.whole(attempt), found, at=LATER, by=SITE)
    assert Dispute.objects.get().state == "lost"
    assert list(Transaction.objects.filter(source_type="dispute").order_by("id").values_list("kind", flat=True)) == [
        "dispute", "fee",
    ]  # fmt: skip
    guard(community)


def test_a_mere_question_takes_nothing(community, account, attempt, sandbox):
    from dataclasses import replace

    paid(attempt)
    before = balances(community)
    asked = sandbox.rail().fetch_dispute(sandbox.dispute(attempt.reference))
    disputes.apply(
        attempts.whole(attempt), replace(asked, amount=Money.zero("CNY"), fee=None), at=AT, by=SITE
    )
    assert (Dispute.objects.get().amount, balances(community)) == (0, before)
    disputes.apply(attempts.whole(attempt), asked, at=AT, by=SITE)
    assert balances(community)["disputes"] == 12_000
    with pytest.raises(ValueError):
        disputes.apply(attempts.whole(attempt), replace(asked, amount=Money(12_001, "CNY")), at=AT, by=SITE)
    guard(community)


def test_what_becomes_of_the_membership_is_chosen_once_by_staff(community, account, attempt, sandbox):
    paid(attempt)
    sandbox.dispute(attempt.reference)
    deliver(account, sandbox.messages())
    dispute = Dispute.objects.get()
    manager = make.member(community, role=Role.MANAGER)
    assert (
        refusal(chosen, dispute=dispute, then="now", by=Actor.person(manager.user, manager))
        == "no_longer_allowed"
    )
    assert refusal(chosen, dispute=dispute, then="now", reason=" ") == "required"
    chosen(dispute, "at_end")
    found = Subscription.objects.get()
    assert (found.status, Dispute.objects.get().then) == ("cancelled", "at_end")
    assert refusal(chosen, dispute=dispute, then="now") == "chosen"
    assert Payment.objects.count() == 1
