"""The nightly comparison with Alipay's own bills, against a gateway whose answers the official SDK signs."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from commerce.models import Difference, Payment, Refund
from commerce.providers.alipay import Alipay
from commerce.providers.base import Surface
from commerce.services import accounts, attempts, reconciliation, refunds
from kernel.money import Money
from tests import make
from tests.commerce import paying
from tests.commerce.dues import SITE, balances, guard, invoice
from tests.commerce.providers import judges
from tests.commerce.providers.alipay_files import bill, row
from tests.commerce.providers.alipay_gateway import Gateway, keys
from tests.commerce.providers.listening import Answer, listening

pytestmark = pytest.mark.django_db
#: The day on which the gateway has payments made.
AT = datetime(2026, 5, 1, 2, 30, tzinfo=UTC)
DAY = timedelta(days=1)
NOON = datetime(2026, 5, 2, 4, tzinfo=UTC)


@pytest.fixture
def gateway(monkeypatch):
    judge = judges.of_alipay()
    gateway = Gateway(judge)
    with listening(gateway.answers) as peer:
        gateway.url = peer.url
        monkeypatch.setattr(Alipay, "gateway", f"{peer.url}/gateway.do")
        monkeypatch.setattr(Alipay, "files_from", re.compile(re.escape(peer.url) + "/.*"))
        yield gateway
    judge.end()


@pytest.fixture
def account(gateway):
    account = accounts.connect(
        community=paying.community(), provider="alipay", keys=keys(), at=AT - DAY, by=SITE
    )
    accounts.test(account, at=AT, by=SITE)
    return accounts.enable(account, at=AT, by=SITE)


def reconcile(account, at):
    run = reconciliation.reconcile(account, at=at, by=SITE)
    found = Difference.objects.open().values_list("kind", "subject", "here", "there", "provider_reference")
    return run, list(found)


def test_alipays_bills_are_laid_beside_ours(account, gateway):
    """A payment whose word never came, its fee, a part that went back, and what another shop took."""
    attempt = paying.begun(invoice(make.member(account.community)), account, surface=Surface.PHONE, at=AT)
    gateway.opens(attempt.reference, "120.00")
    gateway.pays(attempt.reference)
    paid = row("2026050122001", attempt.reference, "120.00", fee="-0.72")
    gateway.bills["20260501"] = Answer(body=bill([paid]))
    run, found = reconcile(account, NOON)
    assert (run.problem, run.lines, run.taken_over, found) == ("", 1, 1, [])
    payment = Payment.objects.get()
    assert (payment.amount, payment.fee) == (12_000, 72)
    assert balances(account.community)["clearing"] == 12_000 - 72

    back = refunds.refund(
        payment=payment, money=Money(2_000, "CNY"), then=Refund.Then.KEEP, reason="Half", at=NOON, by=SITE
    )
    went = row(
        "2026050122001",
        attempt.reference,
        "-20.00",
        fee="0.12",
        refund=back.idem,
        done="2026-05-02 12:00:01",
    )
    shop = row("2026050222009", "SHOP-1", "9.90", done="2026-05-02 09:00:00")
    gateway.bills["20260502"] = Answer(body=bill([went, shop]))
    run, found = reconcile(account, NOON + DAY)
    assert (run.problem, run.lines) == ("", 3)
    assert found == [("missing_here", "payment", None, 990, "2026050222009")]
    assert balances(account.community)["clearing"] == 12_000 - 72 - 2_000 + 12
    guard(account.community)


def test_a_bill_that_is_late_raises_nothing_and_is_read_once_it_is_there(account, gateway):
    attempt = paying.begun(invoice(make.member(account.community)), account, surface=Surface.PHONE, at=AT)
    gateway.opens(attempt.reference, "120.00")
    gateway.pays(attempt.reference)
    attempts.refresh(attempt, at=AT + timedelta(hours=1), by=SITE)
    assert reconcile(account, NOON)[1] == []
    gateway.bills["20260501"] = Answer(503)
    run, found = reconcile(account, NOON + DAY)
    assert (run.problem, found) == ("Alipay did not answer (503).", [])
    # The same day again, as the clock has it every hour.
    gateway.bills["20260501"] = Answer(
        body=bill([row("2026050122001", attempt.reference, "120.00", fee="-0.72")])
    )
    run, found = reconcile(account, NOON + DAY + timedelta(hours=1))
    assert (run.problem, found) == ("", [])
    assert Payment.objects.get().fee == 72


def test_what_alipay_does_not_have_is_a_difference_in_time(account, gateway):
    attempt = paying.begun(invoice(make.member(account.community)), account, surface=Surface.PHONE, at=AT)
    gateway.opens(attempt.reference, "120.00")
    gateway.pays(attempt.reference)
    attempts.refresh(attempt, at=AT + timedelta(hours=1), by=SITE)
    reconcile(account, NOON)
    _run, found = reconcile(account, NOON + 3 * DAY)
    assert found == [("missing_there", "payment", 12_000, None, "2026050122001")]
