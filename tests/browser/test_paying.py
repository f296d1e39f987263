"""Dues, as they are paid: on a phone in Chinese, through the provider's own page, and seen at the desk in English.

The provider is the sandbox in its own process; a worker and a web server of their own hear of it by its messages.
"""

import re

import pytest
from django.conf import settings
from playwright.sync_api import expect

from commerce.models import Gift, Invoice, Payment, PaymentAttempt, Subscription
from commerce.services import accounts
from communities.models import Community, JoinQuestion
from kernel.clock import now
from members.models import Membership
from members.roles import Status
from tests import make
from tests.browser.visitor import DESK, PHONE, said
from tests.commerce.dues import SITE, guard, invoice, plan

pytestmark = pytest.mark.browser


@pytest.fixture
def till(sandbox, platform, settings):
    """A community whose dues the sandbox takes: `till(join_policy="open")`. Messages go to the running web server."""
    # The web server's own name for itself, to which messages go.
    settings.SITE_ADDRESS = platform.address.replace("localhost", "127.0.0.1")
    sandbox.do("account", notify_url=f"{settings.SITE_ADDRESS}/")

    def till(**fields):
        owner = make.person(name="Ming")
        made = make.community(owner=owner, type="interest", name="Lake Swimmers", currency="CNY", at=now())
        JoinQuestion.objects.filter(community=made).delete()
        Community.objects.filter(pk=made.pk).update(**fields)
        account = accounts.connect(community=made, provider="sandbox", keys=sandbox.keys, at=now(), by=SITE)
        accounts.test(account, at=now(), by=SITE)
        accounts.enable(account, at=now(), by=SITE)
        return Community.objects.get(pk=made.pk)

    return till


def zh(english, **given):
    words = said(english, "zh-hans")
    return words % given if given else words


def chinese(person):
    """Their letters and invoices are in Chinese, as for whoever signs up on such a phone."""
    person.language = "zh-hans"
    person.save()
    return person


def member(community, **user):
    found = make.member(community, **user)
    chinese(found.user)
    return found


def at_rest(*visitors):
    assert [(one.overflow(), one.violations()) for one in visitors] == [(0, [])] * len(visitors)


class Payer:
    """A phone in Chinese that counts its taps."""

    def __init__(self, visitor):
        self.visitor, self.page, self.taps = visitor, visitor.page, 0

    def tap(self, words):
        button = self.page.get_by_role("button", name=words, exact=True)
        self.visitor.follow(button.or_(self.page.get_by_role("link", name=words, exact=True)).first)
        self.taps += 1

    def choose(self, name):
        """Choose the plan, on the page of plans."""
        self.page.get_by_role("button", name=re.compile(f"{name}$")).click()
        self.page.wait_for_url("**/pay/**")

    def pay(self):
        """From the bill to the receipt, by the provider's page."""
        self.tap(zh("Pay by %(way)s", way=zh("Sandbox (no money moves)")))
        self.page.wait_for_url(f"{settings.SANDBOX_URL}/**")
        self.tap("支付")
        self.page.wait_for_url("**/pay/*/")
        expect(self.page.locator(".bill-state")).to_contain_text(zh("Paid"))


@pytest.mark.parametrize("door", ["open", "approved first", "paid first"])
def test_from_joining_to_being_in(visit, till, sandbox, door):
    policy = "open" if door == "open" else "application"
    community = till(join_policy=policy, dues_first=door == "paid first")
    plan(community, 36_500, name="Yearly", interval="year", tax_rate=600)
    plan(community, 3_500, name="Monthly")
    person = chinese(make.person(name="Noor"))
    phone, desk = visit(person, width=PHONE, language="zh-hans"), visit(community.founded_by, width=DESK)
    payer = Payer(phone)

    def decide():
        desk.open(f"/c/{community.slug}/desk/applications/")
        desk.press("Begin to read")
        desk.follow(desk.page.locator("main form .button.primary"))
        expect(desk.page.locator("h1")).to_have_text("Applications")

    phone.open(f"/c/{community.slug}/join/")
    phone.press("Join" if door == "open" else "Send the application", within="main form")
    if door == "approved first":
        assert phone.heading() == zh("It is being read")
        decide()
        phone.page.reload()
    assert phone.heading() == zh(
        "The dues come first" if door == "paid first" else "You are approved; the dues are left"
    )
    phone.press("Choose how to pay")
    at_rest(phone)
    payer.choose("Yearly")
    at_rest(phone)
    payer.taps = 0
    payer.pay()
    # The way, and paying there: under four.
    assert payer.taps == 2
    at_rest(phone)
    phone.follow(phone.page.locator("main .button.primary"))
    if door == "paid first":
        phone.press("Your application", within="body")
        assert phone.heading() == zh("It is being read")
        decide()
        phone.open(f"/c/{community.slug}/")
    assert phone.heading() == zh("Hello, %(name)s", name="Noor")

    assert Membership.objects.get(community=community, user=person).status == Status.ACTIVE
    owed = Invoice.objects.get(community=community)
    assert (owed.status, owed.gross, owed.net + owed.tax) == ("paid", 36_500, 36_500)
    assert [amount for _reference, _idem, amount in sandbox.charges()] == [36_500]
    guard(community)

    phone.open(f"/c/{community.slug}/dues/")
    assert owed.number in phone.page.locator("main").inner_text()
    desk.open(f"/c/{community.slug}/desk/money/payments/")
    assert "Noor" in desk.page.locator("main").inner_text()
    at_rest(phone, desk)


def test_who_holds_the_link_pays_without_signing_in(visit, till, sandbox):
    """Not enough money, then the bank that asks; the invoice is a page and a PDF."""
    community = till()
    owed = invoice(member(community, name="Mei"), at=now())
    phone = visit(width=PHONE, language="zh-hans")
    payer = Payer(phone)
    phone.open(f"/pay/{owed.pay_token}/")
    at_rest(phone)
    payer.tap(zh("Pay by %(way)s", way=zh("Sandbox (no money moves)")))
    payer.page.wait_for_url(f"{settings.SANDBOX_URL}/**")
    payer.page.locator("summary").click()
    payer.tap("卡内余额不足")
    assert "卡内余额暂时不足" in payer.page.locator("main").inner_text()

    # Left there and back by the link: what happened is said, and the same try goes on.
    phone.open(f"/pay/{owed.pay_token}/")
    expect(payer.page.locator("#state [role=alert]")).to_be_visible()
    at_rest(phone)
    phone.follow(payer.page.locator(".card .button.primary"))
    payer.page.locator("summary").click()
    payer.tap("银行要求确认")
    payer.tap("是，确认付款")
    expect(payer.page.locator(".bill-state")).to_contain_text(zh("Paid"))
    assert len(sandbox.charges()) == 1
    guard(community)

    phone.follow(payer.page.get_by_role("link", name=re.compile(owed.number)))
    assert owed.number in payer.page.locator("article.paper").inner_text()
    at_rest(phone)
    with payer.page.expect_download() as download:
        payer.page.get_by_role("link", name=zh("As PDF")).click()
    assert download.value.suggested_filename.endswith(".pdf")


def test_who_closes_the_page_is_paid_all_the_same(visit, till, sandbox):
    """Nobody comes back from the provider: its message does, and another tab that waits is told."""
    community = till()
    owed = invoice(member(community, name="Mei"), at=now())
    phone, other = (visit(width=PHONE, language="zh-hans") for _tab in range(2))
    payer = Payer(phone)
    for visitor in (phone, other):
        visitor.open(f"/pay/{owed.pay_token}/")
    payer.tap(zh("Pay by %(way)s", way=zh("Sandbox (no money moves)")))
    payer.page.wait_for_url(f"{settings.SANDBOX_URL}/**")
    other.page.reload()
    payer.tap("支付")
    phone.page.close()
    expect(other.page.locator(".bill-state")).to_contain_text(zh("Paid"), timeout=30_000)
    assert Payment.objects.get(community=community).amount == owed.gross
    guard(community)


def test_a_transfer_is_told_and_confirmed(visit, till):
    community = till()
    mei = member(community, name="Mei")
    bank = accounts.connect(
        community=community,
        provider="offline",
        keys={"holder": "Lake Swimmers", "number": "DE02120300000000202051", "bank": "Bank am See"},
        at=now(),
        by=SITE,
    )
    accounts.test(bank, at=now(), by=SITE)
    accounts.enable(bank, at=now(), by=SITE)
    owed = invoice(mei, at=now())
    phone = visit(mei.user, width=PHONE, language="zh-hans")
    desk = visit(community.founded_by, width=DESK)
    phone.open(f"/pay/{owed.pay_token}/")
    phone.follow(phone.page.get_by_role("button", name=zh("Pay by %(way)s", way=zh("Bank transfer or cash"))))
    expect(phone.page.get_by_text("DE02 1203 0000 0000 2020 51")).to_be_visible()
    reference = PaymentAttempt.objects.get(invoice=owed).provider_reference
    assert phone.page.locator(".bill-head").is_visible()
    assert reference in phone.page.locator("#state").inner_text().replace(" ", "")
    at_rest(phone)

    desk.open(f"/c/{community.slug}/desk/money/transfers/")
    desk.page.get_by_text("It came", exact=True).click()
    at_rest(desk)
    desk.press("Confirm it")
    expect(desk.page.locator("main h1, h1").first).to_be_visible()
    phone.page.reload()
    expect(phone.page.locator(".bill-state")).to_contain_text(zh("Paid"))
    guard(community)


def test_a_gift_is_given_and_taken(visit, till, sandbox):
    community = till(join_policy="open")
    yearly = plan(community, 36_500, name="Yearly", interval="year")
    giver, friend = member(community, name="Mei"), make.person(name="Noor")
    phone = visit(giver.user, width=PHONE, language="zh-hans")
    phone.open(f"/c/{community.slug}/dues/give/")
    phone.page.locator("[name=name]").fill("Noor")
    phone.page.locator("[name=message]").fill("愿你常来")
    at_rest(phone)
    phone.press("On to paying")
    phone.page.wait_for_url("**/pay/**")
    Payer(phone).pay()
    at_rest(phone)
    phone.press("The gift: code and card")
    at_rest(phone)
    phone.open(f"/c/{community.slug}/dues/gifts/")
    at_rest(phone)

    gift = Gift.objects.get(plan=yearly)
    taker = visit(friend, width=PHONE, language="zh-hans")
    taker.open(f"/c/{community.slug}/gift/{gift.code}/")
    assert "愿你常来" in taker.page.locator("main").inner_text()
    at_rest(taker)
    taker.press("Take the gift")
    taker.open(f"/c/{community.slug}/")
    assert taker.heading() == zh("Hello, %(name)s", name="Noor")
    taken = Subscription.objects.get(membership__user=friend)
    assert (taken.status, taken.plan) == ("active", yearly)
    assert len(sandbox.charges()) == 1
    guard(community)
