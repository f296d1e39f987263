"""On a phone: a member says who they are, finds another, and shows a card that a second phone checks."""

import re
from pathlib import Path

import pytest

from communities.services import circles
from members.models import Tier
from members.services import profiles
from tests import make
from tests.browser.visitor import DESK, PHONE, said

pytestmark = pytest.mark.browser

PICTURES = Path(__file__).resolve().parents[2] / ".cache" / "pictures"


def look(visitor, name):
    PICTURES.mkdir(parents=True, exist_ok=True)
    visitor.page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
    assert (visitor.overflow(), visitor.violations()) == (0, []), name


@pytest.mark.parametrize(("language", "dark"), [("en", False), ("zh-hans", True)])
def test_a_member_says_who_they_are_and_finds_another(visit, language, dark):
    community = make.community(type="interest", name="Book Binders")
    other = make.member(community, name="李雷")
    profiles.present(
        membership=other, at=make.EARLY, introduction="I fold paper.\n\nAnd I walk.", city="杭州",
        interests=["origami", "纸"], shown=["introduction", "interests", "city"],
    )  # fmt: skip
    member = make.member(community, name="Noor Okafor")
    visitor = visit(member.user, width=PHONE, language=language, dark=dark)
    page, root = visitor.page, f"/c/{community.slug}/"

    visitor.open(f"{root}people/")
    look(visitor, f"people-{language}")
    visitor.press("Write your introduction")
    assert visitor.heading() == said("My membership", language)
    page.fill("[name=introduction]", "I bind books.")
    page.check("[name=show_introduction]")
    page.fill("[name=interests]", "origami, ink")
    look(visitor, f"own-{language}")
    visitor.follow(page.locator("form button.primary"))
    member.refresh_from_db()
    assert (member.introduction, member.shown, member.interests) == (
        "I bind books.",
        ["introduction"],
        ["origami", "ink"],
    )

    visitor.open(f"{root}people/")
    visitor.follow(page.get_by_role("link", name="origami", exact=True).first)
    page.wait_for_url(re.compile("interest=origami"))
    # Noor writes it too and does not show it.
    assert page.locator(".person-card .person a").all_inner_texts() == ["李雷"]
    visitor.follow(page.locator(".person-card .person a"))
    assert visitor.heading() == "李雷"
    assert "And I walk." in page.locator(".prose").inner_text()
    look(visitor, f"person-{language}")


@pytest.mark.parametrize(("language", "dark"), [("en", False), ("zh-hans", True)])
def test_a_card_is_checked_by_another_phone(visit, language, dark):
    community = make.community(type="brand", name="Book Binders")
    gold = Tier.objects.create(community=community, key="gold", name="Gold", rank=9, colour="amber")
    member = make.member(community, name="Noor Okafor")
    type(member).objects.filter(pk=member.pk).update(tier=gold)
    visitor = visit(member.user, width=PHONE, language=language, dark=dark)
    visitor.open(f"/c/{community.slug}/card/")
    look(visitor, f"card-{language}")
    code = visitor.page.locator("svg.qr").bounding_box()
    assert code and code["width"] == code["height"] > 170
    old = visitor.page.get_by_role("link", name=said("See what a scan tells", language)).get_attribute("href")
    path = old[old.index("/v/") :]

    stranger = visit(width=PHONE, language=language, dark=dark)
    assert stranger.open(path).status == 200
    assert stranger.heading() == said("Valid member", language)
    assert stranger.page.locator(".card-name").inner_text() == "Noor"
    look(stranger, f"verified-{language}")
    visitor.press("End pictures of it: new code")
    stranger.page.reload()
    assert stranger.heading() == said("Not valid", language)
    look(stranger, f"not-verified-{language}")
    visitor.page.emulate_media(media="print")
    visitor.page.screenshot(path=PICTURES / f"card-print-{language}.png", full_page=True)
    assert visitor.page.locator("svg.qr").is_visible()
    assert not visitor.page.locator(".topbar").is_visible()


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_the_circles_room_fits(visit, width):
    owner = make.person(name="Ada")
    community = make.community(type="tool", owner=owner)
    circle = circles.create(
        community=community, name="Night owls", kind="closed", at=make.EARLY, by=make.SITE
    )
    visitor = visit(owner, width=width)
    for path, name in (("", "circles"), (f"{circle.slug}/", "circle")):
        visitor.open(f"/c/{community.slug}/desk/settings/circles/{path}")
        look(visitor, f"{name}-{width}")
