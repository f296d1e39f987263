"""Money back: never more than came, sent once, and taken from what was not earned yet."""

from datetime import timedelta

import pytest

from commerce.models import Account, CreditNote, Deferral, Payment, ProviderAccount, ProviderEvent, Refund
from commerce.services import asking, attempts, inbox, ledger, payments, refunds, subscriptions
from commerce.services.ledger import Side
from engagement.models import Fact
from kernel import activity
from kernel.errors import Refused
from kernel.money import Money
from members.actors import Actor
from members.models import AuditEntry
from members.roles import Role
from tests import make
from tests.commerce import paying
from tests.commerce.dues import AT, SITE, balances, guard, invoice, plan

pytestmark = pytest.mark.django_db
FEE = 348


@pytest.fixture
def community():
    return paying.community()


@pytest.fixture
def member(community):
    return make.member(community)


@pytest.fixture
def payment(community, member, sandbox):
    """What a member paid by a provider: 120.00, tax of 6% inside."""
    attempt = paying.begun(invoice(member, rate=600), paying.connected(community, sandbox))
    sandbox.pay(attempt.reference)
    return attempts.refresh(attempt, at=AT, by=SITE).payment


def back(payment, amount, **fields):
    given = {"money": Money(amount, "CNY"), "reason": "Asked for it", "then": "keep", "at": AT, "by": SITE}
    return refunds.refund(payment=payment, **(given | fields))


def by_hand(member, amount=12_000, **fields):
    given = {"invoice": invoice(member), "community": member.community, "money": Money(amount, "CNY")}
    return payments.receive(**given, method=Payment.Method.BANK, paid_at=AT, at=AT, by=SITE, **fields)


def refused(act):
    with pytest.raises(Refused) as refusal:
        act()
    return refusal.value.code


def stands(payment):
    payment.refresh_from_db()
    return payment.refunded, payment.refunding


def test_a_part_goes_back_from_what_was_not_earned_yet(community, payment, sandbox):
    Deferral.objects.update(recognised=1_321)
    made = back(payment, 3_600)
    note = made.credit_note
    assert (made.state, stands(payment)) == ("succeeded", (3_600, 0))
    assert (note.number, note.gross, note.tax, note.lines) == (
        "CN-2026-000001", 3_600, 203, [{"position": 0, "net": 3_397, "tax": 203, "gross": 3_600}],
    )  # fmt: skip
    assert Deferral.objects.get().released == 3_397
    assert balances(community) == {
        "clearing": 12_000 - FEE - 3_600, "fees": FEE, "deferred": -11_321 + 3_397, "tax": -679 + 203,
    }  # fmt: skip
    assert [one["amount"] for one in sandbox.state()["refunds"]] == [3_600]
    assert Fact.objects.filter(verb="refunded").count() == 1
    assert AuditEntry.objects.get(action="payment.refund_asked").after["amount"] == "36.00"
    guard(community)


def test_what_was_earned_is_taken_from_revenue_and_parts_come_to_the_whole(community, payment):
    Deferral.objects.update(recognised=8_000)
    for amount in (3_333, 3_333, 5_334):
        back(payment, amount)
    notes = CreditNote.objects.all()
    assert (sum(one.tax for one in notes), sum(one.net for one in notes)) == (679, 11_321)
    deferral = Deferral.objects.get()
    assert (deferral.released, deferral.closed) == (3_321, True)
    assert balances(community) == {"clearing": -FEE, "fees": FEE, "deferred": -8_000, "revenue": 8_000}
    assert refused(lambda: back(payment, 1)) == "too_much"
    guard(community)


def test_a_lost_answer_sends_it_once(payment, sandbox):
    sandbox.fault("drop", operation="refund")
    made = back(payment, 4_000)
    assert (made.state, stands(payment)) == ("unknown", (0, 4_000))
    later = AT + timedelta(minutes=1)
    assert [asking.ask_refunds_due(at=later, by=SITE) for _run in range(2)] == [1, 0]
    made.refresh_from_db()
    assert (made.state, stands(payment), len(sandbox.state()["refunds"])) == ("succeeded", (4_000, 0), 1)


def test_what_was_written_and_never_sent_is_sent_by_the_janitor(payment, sandbox):
    given = {"money": Money(4_000, "CNY"), "reason": "x", "then": "now", "at": AT, "by": SITE}
    made = refunds.ask(payment=payment, **given)
    assert (made.state, sandbox.state()["refunds"]) == ("created", [])
    asking.ask_refunds_due(at=AT + timedelta(minutes=1), by=SITE)
    assert (Refund.objects.get().state, len(sandbox.state()["refunds"])) == ("succeeded", 1)


def test_one_that_takes_its_time_is_settled_by_word_of_it(payment, sandbox, community):
    sandbox.fault("refund_pending")
    made = back(payment, 12_000)
    assert (made.state, stands(payment), CreditNote.objects.count()) == ("pending", (0, 12_000), 0)
    sandbox.do("refunds", idem=made.idem, succeeded=True)
    inbox.take(payment.account, *sandbox.messages()[-1], at=AT)
    inbox.handle_due(at=AT, by=SITE)
    made.refresh_from_db()
    assert (made.state, stands(payment), CreditNote.objects.count()) == ("succeeded", (12_000, 0), 1)
    guard(community)


@pytest.mark.parametrize("named", ["ours", "theirs"])
def test_word_may_name_the_refund_and_not_its_payment(payment, sandbox, named):
    """So it is at Stripe, WeChat Pay and Alipay."""
    sandbox.fault("refund_pending")
    made = back(payment, 12_000)
    sandbox.do("refunds", idem=made.idem, succeeded=True)
    said = {"subject": "refund", "kind": "refund.updated", "at": AT, "received_at": AT, "next_try_at": AT}
    said |= {"reference": made.idem} if named == "ours" else {"provider_reference": made.provider_reference}
    stranger = ProviderAccount.objects.create(
        community=payment.community, provider="stripe", made_at=AT, ended_at=AT
    )
    for account, state in ((stranger, "pending"), (payment.account, "succeeded")):
        ProviderEvent.objects.create(account=account, event_id="evt_1", **said)
        inbox.handle_due(at=AT, by=SITE)
        made.refresh_from_db()
        assert made.state == state


def test_a_refused_one_posts_nothing_and_can_go_another_way(community, payment, sandbox):
    before = balances(community)
    sandbox.fault("refund_pending")
    made = back(payment, 12_000)
    sandbox.do("refunds", idem=made.idem, succeeded=False)
    made = refunds.refresh(made, at=AT, by=SITE)
    assert (made.state, stands(payment), balances(community)) == ("failed", (0, 0), before)
    made = back(payment, 12_000, to_credit=True)
    assert (made.state, ledger.credit_of(payment.membership, "CNY").amount) == ("succeeded", 12_000)
    guard(community)


def test_a_transfer_goes_back_by_hand_and_says_what_follows(community, member, monkeypatch):
    heard = []
    monkeypatch.setattr(activity, "_listeners", {"payment.refunded": [lambda **told: heard.append(told)]})
    made = back(by_hand(member), 12_000, then="now")
    assert (made.state, balances(community)) == ("succeeded", {})
    assert [told["refund"].then for told in heard] == ["now"]


def test_what_became_credit_goes_back_while_it_is_there(community, member):
    surplus = by_hand(member, 15_000)
    assert back(surplus, 15_000).credit_note.gross == 12_000
    assert balances(community) == {}
    again = by_hand(member, 15_000)
    invoice(member)
    assert refused(lambda: back(again, 15_000)) == "spent"
    guard(community)


def test_what_is_not_to_go_back_is_refused_and_changes_nothing(community, payment):
    assert refused(lambda: back(payment, 12_001)) == "too_much"
    assert refused(lambda: back(payment, 0)) == "too_much"
    assert refused(lambda: back(payment, 1, reason=" ")) == "required"
    manager = make.member(community, role=Role.MANAGER)
    assert refused(lambda: back(payment, 1, by=Actor.person(manager.user, manager))) == "no_longer_allowed"
    assert (stands(payment), Refund.objects.exists()) == ((0, 0), False)


def test_a_transfer_confirmed_by_mistake_is_taken_back(community, member):
    payment = by_hand(member, 13_000)
    given = {"community": community, "reason": "Another member's", "at": AT, "by": SITE}
    payment = payments.take_back(payment=payment, **given)
    asked = payment.invoice
    asked.refresh_from_db()
    assert (asked.status, asked.paid_at, balances(community)) == (
        "open", None, {"receivable": 12_000, "deferred": -12_000},
    )  # fmt: skip
    assert Deferral.objects.get().begun_at is None
    assert refused(lambda: payments.take_back(payment=payment, **given)) == "reversed"
    assert not payments.receive(
        invoice=asked,
        community=community,
        money=Money(12_000, "CNY"),
        method="cash",
        paid_at=AT,
        at=AT,
        by=SITE,
    ).surplus
    guard(community)


def test_credit_on_its_way_back_pays_nothing_else(community, member, payment, sandbox):
    """What came twice is credit; while the provider sends it back it is not spent as well."""
    Payment.objects.filter(pk=payment.pk).update(surplus=True)
    ledger.post(
        community=community, kind="correction", source_type="payment", source_id=payment.pk, currency="CNY", at=AT,
        sides=[Side(Account.RECEIVABLE, 12_000, membership=member), Side(Account.CREDIT, -12_000, membership=member)],
    )  # fmt: skip
    payment.refresh_from_db()
    sandbox.fault("refund_pending")
    assert subscriptions.quote(membership=member, plan=plan(community), at=AT).credit.amount == 12_000
    assert back(payment, 12_000).state == "pending"
    assert not subscriptions.quote(membership=member, plan=plan(community, name="Other"), at=AT).credit
    bill = invoice(member)
    assert (bill.credit_used, bill.status) == (0, "open")
    assert (
        refused(lambda: payments.with_credit(invoice=bill, community=community, at=AT, by=SITE))
        == "too_little"
    )
