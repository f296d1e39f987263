"""Tickets, as guests buy them: on a phone, with a friend, through the provider's page, to the code that the door reads."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from playwright.sync_api import expect

from gatherings.models import Ticket, TicketKind
from kernel.clock import now
from tests.browser.test_paying import at_rest, till  # noqa: F401
from tests.browser.visitor import PHONE
from tests.commerce.dues import guard
from tests.gatherings import holding

pytestmark = pytest.mark.browser


def test_a_guest_buys_for_two_and_has_the_codes_in_hand(visit, till, sandbox):  # noqa: F811
    community = till()
    begins = now() + timedelta(days=7)
    event = holding.event(
        community, places=4, at=now(), audience="public", starts_at=begins, ends_at=begins + timedelta(hours=2),
        refund_hours=24,
    )  # fmt: skip
    TicketKind.objects.filter(event=event).update(price=5_000, guest_price=7_000)
    phone = visit(None, width=PHONE)
    page = phone.page

    phone.open(f"/c/{community.slug}/events/{event.key}/")
    phone.follow(page.get_by_role("link", name="Come as a guest"))
    page.get_by_label("Your name").fill("Ada")
    page.get_by_label("Your e-mail address").fill("ada@example.org")
    phone.press("Bring somebody along")
    page.get_by_label("Their name").fill("Bea")
    expect(page.locator(".bill-amount")).to_contain_text("140.00")
    expect(page.get_by_label("Your name")).to_have_value("Ada")
    at_rest(phone)
    phone.press("On to paying")
    expect(page.locator(".bill-amount")).to_contain_text("140.00")
    at_rest(phone)
    page.get_by_role("button", name=re.compile("Sandbox")).click()
    page.wait_for_url(f"{settings.SANDBOX_URL}/**")
    page.get_by_role("button", name="Pay", exact=True).first.click()
    page.wait_for_url("**/pay/*/")
    expect(page.locator(".bill-state")).to_contain_text("Paid")
    at_rest(phone)
    phone.follow(page.locator("main a[href*='/tickets/']").first)
    expect(page.locator(".card-code svg")).to_be_visible()
    assert "Bea" in page.locator("main").inner_text()
    at_rest(phone)
    phone.follow(page.get_by_role("link", name=re.compile("Show.*Bea")))
    expect(page.locator(".card-code svg")).to_be_visible()
    assert "Taken for you by Ada" in page.locator("main").inner_text()
    at_rest(phone)

    assert [amount for _reference, _idem, amount in sandbox.charges()] == [14_000]
    assert Ticket.objects.filter(event=event, state="valid").count() == 2

    # Neither of them can come.
    page.go_back()
    page.get_by_text("I cannot come").click()
    phone.press("Give all 2 places back")
    expect(page.locator(".messages")).to_contain_text("What you paid is on its way back.")
    at_rest(phone)
    assert Ticket.objects.filter(event=event, state="given_back").count() == 2
    guard(community)
