"""Writing on a phone and at a desk: with the bar of marks, seen before it is published, and never lost."""

import pytest
from playwright.sync_api import expect

from communities.models import Circle, Draft, Post
from communities.services import circles
from kernel.clock import now
from tests import make
from tests.browser.visitor import DESK, PHONE, said

pytestmark = pytest.mark.browser


@pytest.fixture
def writer(platform):
    community = make.community(type="interest")
    circle = Circle.objects.of(community.pk)[0]
    ada = make.member(community, name="Ada")
    circles.put_in(circle=circle, membership=ada, at=now(), by=make.SITE)
    return ada, f"/c/{community.slug}/circles/{circle.slug}/write/"


@pytest.mark.parametrize(("width", "language"), [(PHONE, "zh-hans"), (DESK, "en")])
def test_marks_lists_undo_and_how_it_will_look(visit, writer, width, language):
    ada, path = writer
    visitor = visit(ada.user, width=width, language=language)
    visitor.open(path)
    page, body = visitor.page, visitor.page.locator("[name=body]")
    bar = page.get_by_role("toolbar")
    expect(bar).to_be_visible()
    for button in bar.get_by_role("button").all():
        box = button.bounding_box()
        assert box and box["width"] >= 44 and box["height"] >= 44
    body.fill("Tea")
    body.press("ControlOrMeta+a")
    bar.get_by_role("button", name=said("Bold", language)).click()
    expect(body).to_have_value("**Tea**")
    body.press("ControlOrMeta+z")
    expect(body).to_have_value("Tea")
    body.press("ControlOrMeta+a")
    body.press("ControlOrMeta+i")
    body.press("End")
    body.press("Enter")
    body.press_sequentially("- green")
    body.press("Enter")
    body.press_sequentially("black")
    body.press("Enter")
    body.press("Enter")
    body.press_sequentially("Yours")
    expect(body).to_have_value("*Tea*\n- green\n- black\nYours")
    preview = bar.get_by_role("button", name=said("Preview", language))
    preview.click()
    expect(page.locator(".writing-preview li")).to_have_text(["green", "black\nYours"])
    assert visitor.violations() == [] and visitor.overflow() <= 0
    preview.click()
    expect(page.locator(".writing-preview")).to_be_empty()
    body.fill("a" * 19_500)
    expect(page.locator("[data-count]")).to_contain_text("500")


def writes(visitor, words: str, field: str = "body") -> int:
    """Write, pause, and see what became of saving it."""
    with visitor.page.expect_response(lambda answer: answer.request.method == "POST") as saved:
        visitor.page.locator(f"[name={field}]").fill(words)
    return saved.value.status


def test_a_closed_browser_two_windows_and_no_connection_lose_nothing(visit, writer):
    ada, path = writer
    visitor, other = visit(ada.user, width=PHONE), visit(ada.user, width=DESK)
    visitor.open(path)
    assert writes(visitor, "Which tea") == 200
    expect(visitor.page.locator("[data-told]")).to_contain_text("Saved")
    visitor.page.locator("summary", has_text="Ask by a poll").click()
    assert writes(visitor, "Green\nBlack", "poll-options") == 200
    visitor.start_anew()
    other.open(path)
    expect(other.page.locator("[name=body]")).to_have_value("Which tea")
    expect(other.page.locator("[name=poll-options]")).to_have_value("Green\nBlack")
    expect(other.page.locator("[name=poll-options]")).to_be_visible()
    assert writes(other, "Which tea, loudly?") == 200

    visitor.open(path)
    expect(visitor.page.locator("[name=body]")).to_have_value("Which tea, loudly?")
    assert (writes(other, "Which tea, softly?"), writes(visitor, "Mine")) == (200, 409)
    clash = visitor.page.locator("[data-clash]")
    expect(clash).to_contain_text("Which tea, softly?")
    assert Draft.objects.get(author=ada).body == "Which tea, softly?"
    assert visitor.violations() == []
    clash.get_by_role("button", name="Keep what I write here").click()
    expect(visitor.page.locator("[data-told]")).to_contain_text("Saved")
    assert Draft.objects.get(author=ada).body == "Mine"

    visitor.wrong.clear()  # the browser says of the refused save that it was refused
    visitor.context.set_offline(True)
    visitor.page.locator("[name=body]").fill("Mine, on a train")
    expect(visitor.page.locator("[data-told]")).to_contain_text("No connection")
    visitor.start_anew()
    visitor.context.set_offline(False)
    visitor.open(path)
    expect(visitor.page.locator("[name=body]")).to_have_value("Mine, on a train")
    expect(visitor.page.locator("[data-told]")).to_contain_text("Saved")
    visitor.wrong.clear()  # nor does it like that there was no connection
    visitor.press("Post it")
    visitor.page.wait_for_url("**/posts/*/")
    post = Post.objects.get(author=ada)
    assert (post.body, [one.text for one in post.poll.options.all()]) == (
        "Mine, on a train",
        ["Green", "Black"],
    )
    assert not Draft.objects.filter(author=ada).exists()
