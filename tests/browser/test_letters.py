"""Letters and notices in the browser: words of one's own seen while one types, the bell, one's choices, the way out."""

import re

import pytest
from django.conf import settings

from kernel.clock import now
from members.models import OptOut
from members.services import letters, notifications
from tests import make

pytestmark = pytest.mark.browser


def test_words_of_one_s_own_are_seen_while_they_are_typed_and_go_out(visit):
    owner = make.person(name="Mei")
    community = make.community(owner=owner)
    keeper = visit(owner)
    page = keeper.page
    keeper.open(f"/c/{community.slug}/desk/settings/mail/")
    keeper.follow(page.get_by_role("link", name=re.compile("Welcome: English")))
    page.fill("[name=subject]", "Hi {member}")
    page.fill("[name=body]", "Come in, *{member}*.\n\n[Enter]({url})")
    page.locator("#preview .subject", has_text=re.compile("^Hi ")).wait_for()
    page.locator("#preview em").wait_for()
    page.fill("[name=body]", "Come in, {nobody}.")
    page.locator("#preview", has_text="{nobody}").wait_for()
    page.fill("[name=body]", "Come in, *{member}*.\n\n[Enter]({url})")
    keeper.press("Save")
    page.get_by_text("The words are saved.").wait_for()
    member = make.member(community, name="Li Lei")
    assert member.messages.get().subject == "Hi Li Lei"


def test_the_bell_counts_leads_on_and_falls_silent(visit):
    community = make.community()
    member = make.member(community, name="Li Lei")
    notifications.tell(
        to=member, kind="member.paused", words={"reason": ""}, at=now(), url=f"/c/{community.slug}/"
    )
    reader = visit(member.user)
    page = reader.page
    reader.open("/me/")
    page.locator(".bell-count", has_text="2").wait_for()
    reader.follow(page.locator(".topbar .bell"))
    page.get_by_text("The staff have paused your membership.").click()
    page.wait_for_url(f"**/c/{community.slug}/")
    page.locator(".bell-count", has_text="1").wait_for()
    reader.open("/me/notices/")
    page.get_by_role("button", name="I have read them all").click()
    page.get_by_role("button", name="I have read them all").wait_for(state="detached")
    reader.open("/me/")
    page.wait_for_timeout(500)
    assert page.locator(".bell-count").count() == 0


def test_one_leaves_by_the_letter_and_comes_back_by_the_page(visit):
    community = make.community()
    member = make.member(community)
    way_out = letters.unsubscribe_url(member.messages.get()).removeprefix(settings.SITE_ADDRESS)
    stranger = visit(None)
    stranger.open(way_out)
    stranger.page.get_by_role("button", name="No more of them").click()
    stranger.page.get_by_role("heading", name="That was the last one").wait_for()
    assert OptOut.objects.filter(membership=member).count() == 1
    reader = visit(member.user)
    reader.open("/me/notifications/")
    wish = reader.page.locator("[name=mail][value='member.welcome']")
    assert not wish.is_checked()
    wish.check()
    reader.press("Save")
    reader.page.get_by_text("Saved for Lantern.").wait_for()
    assert OptOut.objects.filter(membership=member).count() == 0
