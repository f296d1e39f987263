"""From choosing a plan to being in: the pages on which dues are paid, against the sandbox in its own process."""

import pytest
from django.conf import settings
from django.test import Client

from commerce.models import Invoice, PaymentAttempt, Subscription
from commerce.services import accounts
from kernel.clock import now
from members.models import Membership
from tests import make
from tests.commerce.dues import SITE, guard, invoice, plan

pytestmark = pytest.mark.django_db
PHONE = {"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Mobile/15E148"}


@pytest.fixture
def community():
    return make.community("lantern", name="Lantern", currency="CNY", at=now())


@pytest.fixture
def account(community, sandbox):
    sandbox.do("account", notify_url=f"{settings.SITE_ADDRESS}/")
    account = accounts.connect(community=community, provider="sandbox", keys=sandbox.keys, at=now(), by=SITE)
    accounts.test(account, at=now(), by=SITE)
    return accounts.enable(account, at=now(), by=SITE)


def signed_in(user) -> Client:
    client = Client(headers=PHONE)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_newcomer_chooses_pays_and_is_in(community, account, sandbox):
    """Three taps after choosing to join: a plan, a way to pay, and paying there."""
    yearly = plan(community, 36_500, name="Yearly", interval="year")
    mei = make.person("mei@example.org", name="Mei")
    client = signed_in(mei)
    joined = client.post("/c/lantern/join/", follow=True)
    assert b"/c/lantern/plans/" in joined.content
    assert Membership.objects.get(user=mei).status == "awaiting_payment"

    chosen = client.post("/c/lantern/plans/", {"plan": yearly.key}, follow=True)
    owed = Invoice.objects.get()
    assert chosen.redirect_chain[-1][0] == f"/pay/{owed.pay_token}/"
    assert "CN¥365.00" in chosen.content.decode()

    begun = client.post(
        f"/pay/{owed.pay_token}/", {"account": account.key.hex}, headers={"hx-request": "true"}
    )
    attempt = PaymentAttempt.objects.get()
    assert (begun.status_code, begun["HX-Redirect"]) == (204, attempt.presentation["url"])
    sandbox.pay(attempt.reference)

    # The provider sends the browser back, which need not be signed in any more.
    done = Client().get(f"/pay/{owed.pay_token}/paid/", follow=True).content.decode()
    assert "Paid" in done and "On to Lantern" in done
    assert Membership.objects.get(user=mei).status == "active"
    assert Subscription.objects.get().status == "active"
    assert len(sandbox.charges()) == 1
    guard(community)


def test_a_link_that_leads_nowhere_is_not_there(client):
    for path in ("", "invoice/", "paid/"):
        assert client.get(f"/pay/{'x' * 32}/{path}").status_code == 404


def test_whoever_holds_the_link_reads_the_bill_and_nobody_keeps_it(client, community):
    owed = invoice(make.member(community, name="Mei"), rate=600)
    answer = client.get(f"/pay/{owed.pay_token}/")
    assert (answer["Cache-Control"], answer["X-Robots-Tag"], answer["Referrer-Policy"]) == (
        "no-store", "noindex", "strict-origin",
    )  # fmt: skip
    page = answer.content.decode()
    assert "CN¥120.00" in page and "There is no way to pay here yet" in page
    paper = client.get(f"/pay/{owed.pay_token}/invoice/").content.decode()
    assert all(words in paper for words in ("INV-2026-000001", "Mei", "CN¥113.21", "CN¥6.79", "6%"))


def test_a_way_that_failed_says_so_and_another_can_be_tried(client, community, account, sandbox):
    owed = invoice(make.member(community))
    address = f"/pay/{owed.pay_token}/"
    client.post(address, {"account": account.key.hex})
    first = PaymentAttempt.objects.get()
    sandbox.pay(first.reference, "soft_decline")
    page = client.get(f"{address}paid/", follow=True).content.decode()
    assert "did not go through" in page and "On to Sandbox" in page
    sandbox.pay(first.reference)
    assert "On to Lantern" in client.get(f"{address}paid/", follow=True).content.decode()
    guard(community)


def test_a_way_that_was_chosen_can_be_given_up(client, community, account, sandbox):
    owed = invoice(make.member(community))
    address = f"/pay/{owed.pay_token}/"
    client.post(address, {"account": account.key.hex})
    assert "Pay in another way" in client.get(address).content.decode()
    client.post(f"{address}again/")
    assert PaymentAttempt.objects.get().state == "cancelled"
    assert "Pay by" in client.get(address).content.decode()


def test_what_leads_nowhere_else_comes_back_as_a_whole_page(client, community):
    bank = accounts.connect(
        community=community, provider="offline", at=now(), by=SITE,
        keys={"holder": "Lantern", "number": "DE02120300000000202051", "bank": "Bank am See"},
    )  # fmt: skip
    accounts.test(bank, at=now(), by=SITE)
    accounts.enable(bank, at=now(), by=SITE)
    address = f"/pay/{invoice(make.member(community)).pay_token}/"
    for account in (bank.key.hex, "0" * 32):
        answer = client.post(address, {"account": account}, headers={"hx-request": "true"})
        assert (answer.status_code, answer["HX-Redirect"]) == (204, address)


def test_a_way_that_is_not_offered_begins_nothing(client, community, account):
    owed = invoice(make.member(community))
    accounts.disable(account, at=now(), by=SITE)
    answer = client.post(f"/pay/{owed.pay_token}/", {"account": account.key.hex}, follow=True)
    assert "not offered any more" in answer.content.decode()
    assert not PaymentAttempt.objects.exists()
