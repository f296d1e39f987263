"""Paid by transfer on a phone in Chinese, confirmed at the desk, and half of it sent back with a credit note."""

import re

import pytest
from playwright.sync_api import expect

from commerce.models import PaymentAttempt, Refund
from commerce.providers import creditor_reference
from commerce.services import accounts, subscriptions
from kernel.clock import now
from tests import make
from tests.browser.test_joining import at_rest, zh
from tests.browser.visitor import DESK, PHONE
from tests.commerce.dues import plan

pytestmark = pytest.mark.browser
KEYS = {"holder": "Lake Swimmers", "number": "DE89370400440532013000", "bank": "A bank"}


def test_a_transfer_there_and_half_of_it_back(visit):
    community = make.community(type="interest", name="Lake Swimmers", currency="CNY", at=now())
    who = {"at": now(), "by": make.SITE}
    account = accounts.connect(community=community, provider="offline", keys=KEYS, **who)
    accounts.enable(accounts.test(account, **who), **who)
    noor = make.member(community, name="Noor", at=now())
    yearly = plan(community, 36_500, name="Yearly", interval="year", tax_rate=600)
    bill = subscriptions.subscribe(membership=noor, plan=yearly, **who).invoices.get()
    phone = visit(noor.user, width=PHONE, language="zh-hans")
    desk = visit(community.founded_by, width=DESK)

    phone.open(f"/pay/{bill.pay_token}/")
    phone.page.get_by_role("button", name=zh("Pay by %(way)s", way=zh("Bank transfer or cash"))).click()
    expect(phone.page.get_by_text(re.compile(r"RF\d\d "))).to_be_visible()
    attempt = PaymentAttempt.objects.get(invoice=bill)
    written = creditor_reference.grouped(attempt.provider_reference)
    expect(phone.page.get_by_text(written)).to_be_visible()

    desk.open(f"/c/{community.slug}/desk/money/transfers/")
    expect(desk.page.get_by_text(attempt.provider_reference)).to_be_visible()
    desk.page.locator("summary", has_text="It came").click()
    at_rest(phone, desk)
    desk.press("Confirm it")
    assert desk.page.get_by_text("It is noted, and the invoice is paid.").is_visible()
    bill.refresh_from_db()
    assert (bill.status, noor.subscriptions.get().status) == ("paid", "active")

    desk.open(f"/c/{community.slug}/desk/money/payments/")
    at_rest(desk)
    desk.follow(desk.page.locator("#rows a", has_text="Noor"))
    at_rest(desk)
    desk.press("Send it back")
    desk.page.locator("[name=amount]").fill("182.50")
    desk.page.locator("[name=then][value=keep]").check()
    desk.page.locator("[name=reason]").fill("Half a year at sea")
    at_rest(desk)
    desk.press("See what happens")
    at_rest(desk)
    sent = Refund.objects.filter(payment__membership=noor)
    assert not sent.exists()
    desk.press("Send CN¥182.50 back")
    made = sent.get()
    assert (made.state, made.amount, made.credit_note.gross) == ("succeeded", 18_250, 18_250)
    at_rest(desk)

    phone.open(f"/pay/{bill.pay_token}/invoice/")
    assert phone.page.get_by_text(made.credit_note.number).is_visible()
    assert noor.subscriptions.get().status == "active"
    at_rest(phone)
    assert phone.wrong + desk.wrong == []
