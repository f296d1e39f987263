"""A provider's books laid beside ours, with the sandbox in its own process as the provider."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from commerce.models import Account, Difference, Entry, Payment, ProviderMovement, ReconciliationRun
from commerce.providers.base import Capability
from commerce.providers.offline import Offline
from commerce.providers.wechatpay import WeChatPay
from commerce.services import attempts, reconciliation
from kernel.errors import Refused
from members.actors import Actor
from members.models import AuditEntry
from members.roles import Role
from tests import make
from tests.commerce import paying
from tests.commerce.dues import AT, SITE, balances, guard, invoice
from tests.commerce.reckoning import Books

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NIGHT = AT + 10 * DAY


@pytest.fixture
def community():
    return paying.community()


@pytest.fixture
def account(community, sandbox):
    return paying.connected(community, sandbox)


@pytest.fixture
def books(account, sandbox):
    return Books(account, make.member(account.community, name="Mei"), sandbox)


def reconcile(account, at=NIGHT):
    return reconciliation.reconcile(account, at=at, by=SITE)


def open_ones():
    return [(one.kind, one.subject) for one in Difference.objects.open()]


def test_what_both_have_is_compared_and_summed(books, account):
    paid = books.payments([AT + DAY, AT + 2 * DAY])
    books.book(books.lines([*paid, *books.refunds(paid[:1], AT + 3 * DAY)]))
    run = reconcile(account)
    assert (run.problem, run.lines, open_ones()) == ("", 3, [])
    assert run.sums == [
        {"currency": "CNY", "kind": "payment", "here": [2, 20_001], "there": [2, 20_001]},
        {"currency": "CNY", "kind": "refund", "here": [1, -1_000], "there": [1, -1_000]},
    ]


def test_a_payment_whose_word_never_came_is_taken_over(community, account, sandbox):
    member = make.member(community)
    attempt = paying.begun(invoice(member), account)
    sandbox.pay(attempt.reference)
    run = reconcile(account)
    assert (run.taken_over, open_ones()) == (1, [])
    assert Payment.objects.get().fee == 348
    assert balances(community)["clearing"] == 12_000 - 348
    guard(community)


def test_a_difference_is_carried_until_it_is_gone(books, account):
    [paid] = books.payments([AT + DAY])
    reconcile(account)
    assert open_ones() == [("missing_there", "payment")]
    first = Difference.objects.get()
    assert (first.payment, first.here, first.there) == (paid, 10_000, None)
    reconcile(account, NIGHT + DAY)
    assert Difference.objects.get() == first
    # The provider has found it.
    books.book(books.lines([paid]))
    reconcile(account, NIGHT + 2 * DAY)
    assert open_ones() == []
    first.refresh_from_db()
    assert first.gone_at == NIGHT + 2 * DAY


def test_what_was_settled_is_not_raised_again_unless_it_changes(books, account, community):
    [paid] = books.payments([AT + DAY])
    books.book([replace(books.line(paid), amount=9_999)])
    reconcile(account)
    with pytest.raises(Refused) as no:
        reconciliation.settle(Difference.objects.get(), reason=" ", at=NIGHT, by=SITE)
    assert no.value.code == "required"
    reconciliation.settle(Difference.objects.get(), reason="A cent of rounding", at=NIGHT, by=SITE)
    [entry] = AuditEntry.objects.filter(action="difference.settled")
    assert (entry.community_id, entry.after["reason"], entry.after["kind"]) == (
        community.id, "A cent of rounding", "amount",
    )  # fmt: skip
    with pytest.raises(Refused):
        reconciliation.settle(Difference.objects.get(), reason="Twice", at=NIGHT, by=SITE)
    account.runs.update(until=AT)
    reconcile(account, NIGHT + DAY)
    assert (open_ones(), Difference.objects.count()) == ([], 1)
    with books.db() as db:
        db.execute("UPDATE lines SET amount = 9998 WHERE account = ?", [books.peer.keys["account"]])
    account.runs.update(until=AT)
    reconcile(account, NIGHT + 2 * DAY)
    assert open_ones() == [("amount", "payment")]


def test_only_who_manages_money_settles(books, account, community):
    books.payments([AT + DAY])
    reconcile(account)
    manager = make.member(community, role=Role.MANAGER)
    with pytest.raises(Refused) as no:
        by = Actor.person(manager.user, manager)
        reconciliation.settle(Difference.objects.get(), reason="I may not", at=NIGHT, by=by)
    assert no.value.code == "no_longer_allowed"
    assert open_ones() == [("missing_there", "payment")]


def test_a_provider_that_is_away_is_asked_again_the_same_day(books, account, sandbox):
    books.payments([AT + DAY])
    sandbox.fault("error_before", times=None, operation="fetch")
    run = reconcile(account)
    assert run.problem and run.ended_at == NIGHT and open_ones() == []
    sandbox.fault("error_before", 0, operation="fetch")
    again = reconcile(account, NIGHT + timedelta(hours=1))
    assert (again.pk, again.problem, open_ones()) == (run.pk, "", [("missing_there", "payment")])
    assert reconcile(account, NIGHT + timedelta(hours=2)) is None


def test_somebody_else_is_at_it(books, account):
    claimed = reconciliation._claim(account, reconciliation._judged(account, NIGHT, NIGHT), NIGHT)
    assert claimed.ended_at is None
    assert reconcile(account, NIGHT + timedelta(minutes=5)) is None
    # Whoever it was is gone.
    assert reconcile(account, NIGHT + timedelta(hours=2)).ended_at
    assert ReconciliationRun.objects.count() == 1


def test_payouts_and_fees_come_into_the_books_once(books, account, community, sandbox):
    [paid] = books.payments([AT + DAY])
    line = books.line(paid)
    payout = replace(line, kind="payout", reference="", provider_reference="out_1", amount=-9_000, fee=0)
    monthly = replace(payout, kind="fee", provider_reference="fee_1", amount=-200)
    books.book([line, payout, monthly])
    before = balances(community)
    reconcile(account)
    account.runs.update(until=AT)
    reconcile(account, NIGHT + DAY)
    after = balances(community)
    changed = {name: after.get(name, 0) - before.get(name, 0) for name in {*before, *after}}
    assert {name: by for name, by in changed.items() if by} == {
        "bank": 9_000,
        "fees": 200,
        "clearing": -9_200,
    }
    # What we say the provider holds is what it says.
    with books.db() as db:
        [(holds,)] = db.execute(
            "SELECT sum(amount - fee) FROM lines WHERE account = ?", [sandbox.keys["account"]]
        ).fetchall()
    assert after["clearing"] == holds
    days = Entry.objects.filter(account=Account.BANK).values_list("day", flat=True)
    assert list(days) == [(AT + DAY).date()]
    assert open_ones() == []


def test_a_fee_that_only_the_books_tell(books, account, community):
    [paid] = books.payments([AT + DAY], fee=None)
    books.book([replace(books.line(paid), fee=60)])
    reconcile(account)
    paid.refresh_from_db()
    assert (paid.fee, balances(community)["fees"], open_ones()) == (60, 60, [])


def test_a_dispute_that_nobody_here_knows(community, account, sandbox):
    attempt = paying.begun(invoice(make.member(community)), account)
    sandbox.pay(attempt.reference)
    attempts.refresh(attempt, at=AT, by=SITE)
    sandbox.dispute(attempt.reference)
    reconcile(account)
    assert open_ones() == [("missing_here", "dispute")]
    # What it cost is the dispute's to post.
    assert not ProviderMovement.objects.exists()


def test_all_that_can_be_compared_are_and_one_in_trouble_keeps_no_other_waiting(books, account, monkeypatch):
    other = make.community(currency="CNY")
    broken = type(account).objects.create(community=other, provider="sandbox", sealed="broken", made_at=AT)
    type(account).objects.create(community=other, provider="offline", sealed="x", made_at=AT)
    assert reconciliation.reconcile_all(at=NIGHT, by=SITE) == 2
    assert broken.runs.get().problem == "Its keys cannot be read any more: enter them again."
    assert account.runs.get().problem == ""
    assert ReconciliationRun.objects.count() == 2


def test_a_rail_without_books_says_so_by_what_it_can():
    assert Capability.SETTLEMENT not in Offline.capabilities


def test_wechats_bill_of_a_day_is_there_at_noon_of_the_next():
    shanghai = ZoneInfo("Asia/Shanghai")
    rail = WeChatPay({})
    noon, night = datetime(2026, 3, 10, 12, tzinfo=shanghai), datetime(2026, 3, 10, 1, tzinfo=shanghai)
    assert rail.books_until(noon) == datetime(2026, 3, 10, tzinfo=shanghai)
    assert rail.books_until(night) == datetime(2026, 3, 9, tzinfo=shanghai)
