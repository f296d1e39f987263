"""From a link on a phone, without an account, to being a member whom somebody brought."""

import pytest

from members.models import Invitation, Membership
from members.services import invitations, memberships
from tests import make
from tests.browser.visitor import DESK, PHONE, said

pytestmark = pytest.mark.browser

PASSWORD = "four words that hold"


def inviter_of(community, name: str) -> Membership:
    member = make.member(community, name=name)
    return Membership.objects.select_related("community", "user").get(pk=member.pk)


def test_a_stranger_comes_by_a_link(visit):
    language = "zh-hans"
    community = make.community(type="tool", name="工坊")
    community.join_questions.all().delete()
    bob = inviter_of(community, "Bob")
    link = invitations.personal(membership=bob, at=make.EARLY)
    guest = visit(width=PHONE, language=language)
    page, email = guest.page, f"mei-{language}@example.org"

    guest.open(f"/i/{link.code}")
    assert guest.heading() == community.name
    assert page.get_by_text(said("%(name)s invites you", language) % {"name": "Bob"}).is_visible()
    assert guest.overflow() == 0 and guest.violations() == []
    guest.press("Accept the invitation")
    page.fill("[name=name]", "Mei")
    page.fill("[name=email]", email)
    page.fill("[name=password1]", PASSWORD)
    guest.press("Make an account")
    page.fill("[name=code]", guest.code_from_mail(email))
    guest.press("Confirm")

    assert page.url == f"{guest.address}/c/{community.slug}/join/"
    guest.press("Join", within="main form")
    page.wait_for_url(f"**/c/{community.slug}/")
    mei = Membership.objects.get(community=community, user__email=email)
    assert (mei.invited_by, mei.channel, mei.status) == (bob, "personal", "active")

    owner = visit(bob.user, width=PHONE, language=language)
    owner.open(f"/c/{community.slug}/tree/")
    assert owner.heading() == said("My tree", language)
    assert owner.page.locator(".people-grid li").all_inner_texts()[0].count("Mei") == 1
    assert owner.page.locator(".qr-small svg").is_visible()
    assert owner.overflow() == 0 and owner.violations() == []


@pytest.mark.parametrize(("width", "dark"), [(PHONE, False), (DESK, True)])
def test_the_forest_opens_branch_by_branch(visit, width, dark):
    community = make.community(type="interest")
    root = memberships.add(community=community, at=make.EARLY, by=make.SITE, name="Ada Root")
    child = memberships.add(
        community=community, at=make.EARLY, by=make.SITE, name="Bob Branch", invited_by=root
    )
    memberships.add(community=community, at=make.EARLY, by=make.SITE, name="Cleo Leaf", invited_by=child)
    staff = visit(community.memberships.get(role="owner").user, width=width, dark=dark)
    page = staff.page
    staff.open(f"/c/{community.slug}/desk/members/forest/")
    assert page.get_by_text("Bob Branch", exact=True).count() == 0
    page.locator(".forest summary", has_text="Ada Root").click(position={"x": 12, "y": 12})
    page.get_by_text("Bob Branch", exact=True).wait_for()
    page.locator(".forest .forest summary").click(position={"x": 12, "y": 12})
    page.get_by_text("Cleo Leaf", exact=True).wait_for()
    assert staff.overflow() == 0 and staff.violations() == []

    page.fill("input[type=search]", "cleo")
    page.wait_for_url("**q=cleo*")
    page.locator("#forest .list-card a", has_text="Cleo Leaf").click()
    page.locator(".crumbs", has_text="Ada Root").wait_for()
    assert staff.overflow() == 0

    staff.open(f"/c/{community.slug}/desk/invitations/new/")
    page.fill("[name=channel]", "flyer")
    staff.press("Make the link", within="main form")
    link = Invitation.objects.get(community=community, kind="link")
    assert page.locator(f"#link-{link.pk}").inner_text() == f"{staff.address}/i/{link.code}"
    assert staff.overflow() == 0 and staff.violations() == []
