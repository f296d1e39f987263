"""From a report to the answer of an appeal, and being muted while one writes: on a phone in Chinese, at a desk in English."""

import pytest

from communities.models import Appeal, Circle, Measure
from communities.services import circles, posts
from kernel.clock import now
from members.roles import Role
from tests import make
from tests.browser.visitor import DESK, PHONE, said
from tests.sampled import one_in, sample

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "language"), sample([(PHONE, "zh-hans"), (DESK, "en")], one_in(2)))
def test_reported_decided_appealed_lifted_and_muted(visit, platform, width, language):
    community = make.community(type="interest", language=language)
    circle = Circle.objects.of(community.pk)[0]
    ada, bo = make.member(community, name="Ada"), make.member(community, name="Bo")
    kim, lin = (make.member(community, name=name, role=Role.MODERATOR) for name in ("Kim", "Lin"))
    for member in (ada, bo):
        circles.put_in(circle=circle, membership=member, at=now(), by=make.SITE)
    post = posts.write(circle=circle, author=ada, body="Buy my tea", at=now())
    home, why, answer = f"/c/{community.slug}/", "An advert, it seems", "You are right, it is no advert"
    thread = f"{home}posts/{post.key}/"
    first, reader, keeper, other = (
        visit(one.user, width=width, language=language) for one in (ada, bo, kim, lin)
    )

    reader.open(thread)
    reader.follow(reader.page.locator("main a[href$='/report/']"))
    reader.page.locator("[name=reason][value=spam]").check()
    reader.press("Send the report")
    reader.page.get_by_text(
        said("Thank you. Somebody looks at it, and you hear what became of it.", language)
    ).wait_for()

    keeper.open(f"{home}desk/")
    keeper.press("Look at them")
    keeper.press("Begin with the first")
    keeper.follow(keeper.page.locator("a[data-key=w]"))
    keeper.page.locator("[name=reason]").fill(why)
    keeper.follow(keeper.page.locator("main form button.primary"))
    keeper.page.get_by_text(said("Nothing waits for you", language)).wait_for()
    assert reader.open(thread).status == 404

    first.open(thread)
    first.page.get_by_text(why).wait_for()
    first.press("See your record")
    assert first.page.get_by_text(why).count() == 2
    first.follow(first.page.locator("a[href$='/appeal/']").last)
    first.page.locator("[name=words]").fill("I have none to sell.")
    first.press("Send the appeal")
    first.page.get_by_text("I have none to sell.").wait_for()

    keeper.open(f"{home}desk/reports/appeals/")
    keeper.page.get_by_text(said("Nobody appeals", language)).wait_for()
    other.open(f"{home}desk/")
    other.press("Read the appeals")
    other.page.locator("[name=answer]").fill(answer)
    other.follow(other.page.locator("button[value=lift]"))
    other.page.get_by_text(said("Nobody appeals", language)).wait_for()
    first.open(f"{home}record/")
    first.page.get_by_text(answer).wait_for()
    assert list(Appeal.objects.filter(measure__post=post).values_list("state", "decided_words")) == [
        ("lifted", "Lin")
    ]

    reader.open(f"{home}circles/{circle.slug}/write/")
    reader.page.locator("[name=body]").fill("Her tea again")
    other.open(f"{home}desk/members/{bo.number}/record/")
    other.page.locator("[name=act][value=mute]").check()
    other.page.locator("[name=reason]").fill("Let her be for a day")
    other.follow(other.page.locator("main form button.danger"))
    reader.press("Post it")
    reader.page.get_by_text("Let her be for a day").first.wait_for()
    assert reader.page.locator("[name=body]").input_value() == "Her tea again"
    assert Measure.objects.filter(membership=bo, ended_at=None).values_list("kind", "reason").get() == (
        "mute",
        "Let her be for a day",
    )
