"""From an empty circle to a living one: on a phone in Chinese, at a desk in English."""

import re

import pytest
from playwright.sync_api import expect

from communities.models import Circle, Comment, Post, Vote
from communities.services import circles, posts
from communities.services.polls import Ask
from kernel.clock import now
from members.roles import Role
from tests import make
from tests.browser.visitor import DESK, PHONE
from tests.kernel.test_photos import picture
from tests.sampled import one_in, sample

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("width", "language", "words"),
    sample(
        [
            (PHONE, "zh-hans", ("发言", "发布", "回复", "隐藏", "内容已被管理人员隐藏。")),
            (
                DESK,
                "en",
                (
                    "Write",
                    "Post it",
                    "Answer",
                    "Hide",
                    "This was hidden by those who keep order here.",
                ),
            ),
        ],
        one_in(2),
    ),
)
def test_an_empty_circle_comes_to_life_and_is_kept_in_order(visit, platform, width, language, words):
    write, post_it, answer, hide, hidden = words
    community = make.community(type="interest", language=language)
    circle = Circle.objects.of(community.pk)[0]
    ada, bo = make.member(community, name="Ada"), make.member(community, name="Bo")
    keeper = make.member(community, role=Role.MODERATOR)
    for member in (ada, bo):
        circles.put_in(circle=circle, membership=member, at=now(), by=make.SITE)
    room = f"/c/{community.slug}/circles/{circle.slug}/"

    first = visit(ada.user, width=width, language=language)
    first.open(room)
    first.follow(first.page.get_by_role("link", name=write, exact=True))
    first.page.locator("[name=title]").fill("Tea")
    first.page.locator("[name=body]").fill("Which **one** in the morning?")
    first.page.locator("#id_files").set_input_files(
        [{"name": f"{n}.png", "mimeType": "image/png", "buffer": picture("PNG")} for n in "ab"]
    )
    sent = first.page.locator(".attached-one")
    expect(sent).to_have_count(2)
    sent.nth(0).locator("input[maxlength]").fill("A red cup")
    sent.nth(1).locator("[value^=earlier]").click()
    expect(sent.nth(0).locator(".attached-name")).to_have_text("b.jpg")
    first.follow(first.page.get_by_role("button", name=post_it))
    first.page.wait_for_url("**/posts/*/")
    assert first.page.locator("article .prose strong").inner_text() == "one"
    shown = first.page.locator("article .gallery img")
    expect(shown.nth(1)).to_have_attribute("alt", "A red cup")
    shown.nth(1).scroll_into_view_if_needed()
    expect(shown.nth(1)).to_have_js_property("naturalWidth", 64)
    thread = f"/c/{community.slug}/posts/{Post.objects.of(community.pk).get().key}/"

    second = visit(bo.user, width=width, language=language)
    second.open(f"/c/{community.slug}/posts/")
    second.follow(second.page.get_by_role("link", name="Tea", exact=True))
    second.page.locator("#answer [name=body]").fill("Oolong, loudly.")
    second.follow(second.page.get_by_role("button", name=answer))
    second.page.get_by_text("Oolong, loudly.").wait_for()
    second.follow(second.page.locator("a[data-search]"))
    second.page.locator("main input[type=search]").press_sequentially("oolong")
    expect(second.page.locator(".hit mark")).to_have_text("Oolong")
    second.follow(second.page.locator(".hit a"))
    second.page.wait_for_url("**/posts/*/?comment=*")
    first.open(thread)
    first.page.locator("#answer [name=body]").fill("Why?")
    first.follow(first.page.locator("li.answer").get_by_role("link", name=answer))
    first.page.locator("#answer [name=body]").fill("Why?")
    first.follow(first.page.locator("#answer button.primary"))
    first.page.locator("li.answer[data-depth='1']").wait_for()

    third = visit(keeper.user, width=width, language=language)
    third.open(thread)
    comment = third.page.locator("li.answer").first
    comment.locator("summary", has_text=hide).click()
    comment.locator("[name=reason]").fill("Too loud")
    third.follow(comment.locator("details").get_by_role("button", name=hide))
    second.open(thread)
    assert "Too loud" in second.page.locator("li.answer").first.inner_text()
    first.open(thread)
    shown = first.page.locator("li.answer").first.inner_text()
    assert hidden in shown and "Oolong" not in shown and "Too loud" not in shown
    first.follow(first.page.locator("li.answer").nth(1).locator("button[value=remove]"))
    said = Comment.objects.of(community.pk).order_by("pk")
    assert list(said.values_list("body", flat=True)) == ["Oolong, loudly.", ""]
    assert Post.objects.of(community.pk).get().comment_count == 0


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_a_member_names_another_reacts_and_votes_by_a_tap(visit, platform, width):
    community = make.community(type="interest")
    circle = Circle.objects.of(community.pk)[0]
    ada, bo = make.member(community, name="Ada Wong"), make.member(community, name="Bo")
    for member in (ada, bo):
        circles.put_in(circle=circle, membership=member, at=now(), by=make.SITE)
    post = posts.write(circle=circle, author=ada, body="Tea?", poll=Ask(("Green", "Black")), at=now())
    visitor = visit(bo.user, width=width)
    visitor.open(f"/c/{community.slug}/posts/{post.key}/")
    part = visitor.page.locator(f"#reactions-{post.key}")
    part.locator("summary").click()
    part.get_by_role("button", name="Thank you").click()
    expect(part.locator("button[aria-pressed=true]")).to_have_text(re.compile("1.*Thank you: Bo", re.S))
    poll = visitor.page.locator(f"#poll-{post.key}")
    poll.get_by_label("Black").check()
    poll.get_by_role("button", name="Vote").click()
    expect(poll.get_by_text("1 member has voted.")).to_be_visible()
    text = visitor.page.locator("#answer [name=body]")
    text.press_sequentially("Ask @wong")
    offered = visitor.page.get_by_role("option", name="Ada Wong")
    expect(offered).to_be_visible()
    if width == PHONE:
        offered.click()
    else:
        text.press("Enter")
    expect(text).to_have_value(f"Ask @[Ada Wong]({ada.number}) ")
    visitor.follow(visitor.page.locator("#answer button.primary"))
    expect(visitor.page.locator("li.answer a.mention")).to_have_text("@Ada Wong")
    cast = Vote.objects.filter(poll__post=post)
    assert list(cast.values_list("option__text", flat=True)) == ["Black"]
    assert visitor.wrong == []
