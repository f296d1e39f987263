"""A person on a phone, in Chinese: finds an open community, joins it, is at home in it, and leaves; the desk, in
English, sees them come."""

import pytest
from playwright.sync_api import expect

from communities.services import settings
from members.models import Membership
from members.roles import Status
from tests import make
from tests.browser.visitor import DESK, PHONE, said

pytestmark = pytest.mark.browser


def test_somebody_finds_joins_and_leaves(visit):
    language, name = "zh-hans", "Hill Swimmers"
    make.community(name=f"Not the {name[:4]} people")
    community = make.community(name=name, type="interest", tagline="Every Sunday, also in winter")
    settings.update(
        community=community,
        description="We **swim**.\n\n<script>alert(1)</script>",
        at=make.EARLY,
        by=make.SITE,
    )
    person = make.person(name="Noor")
    visitor = visit(person, width=PHONE, language=language)
    page = visitor.page

    visitor.open("/")
    page.fill("input[type=search]", name)
    found = page.locator(".community-card")
    expect(found).to_have_count(1)
    found.click()
    page.wait_for_url(f"**/c/{community.slug}/")
    assert page.locator(".prose strong").inner_text() == "swim"
    assert page.locator(".prose script").count() == 0

    visitor.press("Join", within="body")
    assert visitor.heading() == said("Join %(name)s", language) % {"name": name}
    first, second = page.locator("main .form textarea, main .form input[type=text]").all()[:2]
    # The first question needs an answer: the browser itself holds the form back.
    visitor.press("Join", within="main form")
    assert page.url.endswith("/join/") and not community.memberships.filter(user=person).exists()
    first.fill("The cold.")
    second.fill("Zürich")
    visitor.press("Join", within="main form")

    assert page.url == f"{visitor.address}/c/{community.slug}/"
    assert visitor.heading() == said("Hello, %(name)s", language) % {"name": "Noor"}
    member = Membership.objects.get(community=community, user=person)
    assert (member.status, member.number) == (Status.ACTIVE, 2)
    assert [one["answer"] for one in member.answers] == ["The cold.", "Zürich"]
    assert visitor.overflow() == 0

    keeper = visit(community.founded_by, width=DESK)
    keeper.open(f"/c/{community.slug}/desk/members/?sort=-joined")
    assert "Noor" in keeper.page.locator("tbody tr").first.inner_text()
    assert (keeper.overflow(), keeper.violations()) == (0, [])

    room = community.circles.order_by("position").first()
    card = page.locator(".list-card li", has_text=room.name).first
    card.get_by_role("button").click()
    joined = card.get_by_role("button").filter(has_text=said("Joined", language))
    joined.wait_for()
    assert list(room.circle_memberships.values_list("membership__number", flat=True)) == [member.number]

    visitor.press("Leave this community", within="body")
    assert visitor.heading() == said("Leave %(name)s?", language) % {"name": name}
    page.fill("textarea", "Moving away.")
    visitor.press("Leave")
    assert page.url == f"{visitor.address}/"
    member.refresh_from_db()
    assert (member.status, member.left_at is not None) == (Status.LEFT, True)
    visitor.open(f"/c/{community.slug}/")
    assert visitor.heading() == name


def test_members_see_no_desk(visit):
    community = make.community()
    person = make.person()
    make.member(community, email=person.email)
    visitor = visit(person)
    visitor.open(f"/c/{community.slug}/")
    assert visitor.page.locator("a[href$='/desk/']").count() == 0
    assert visitor.open(f"/c/{community.slug}/desk/members/").status == 403
