"""The ways in, as they are walked by who comes (a phone, Chinese) and by who keeps the door (the desk, English).

Joining an open community is in `test_belonging`, joining where dues are asked in `test_paying`.
"""

import re

import pytest
from playwright.sync_api import expect

from communities.models import Application, Community, JoinQuestion
from communities.services import joining
from kernel.clock import now
from members.models import Membership
from members.roles import Status
from members.services import custom_fields
from tests import make
from tests.browser.visitor import DESK, PHONE, said

pytestmark = pytest.mark.browser


def founded(owner=None, **fields):
    made = make.community(owner=owner, type="interest", name="Lake Swimmers", at=now())
    JoinQuestion.objects.filter(community=made).delete()
    Community.objects.filter(pk=made.pk).update(**fields)
    return Community.objects.get(pk=made.pk)


def both(visit, community, person):
    """Who comes, on a phone in Chinese, and the owner at the desk in English."""
    return visit(person, width=PHONE, language="zh-hans"), visit(community.founded_by, width=DESK)


def at_rest(*visitors):
    """No page is wider than its window, and axe has nothing serious to say."""
    assert [(one.overflow(), one.violations()) for one in visitors] == [(0, [])] * len(visitors)


def zh(english, **given):
    words = said(english, "zh-hans")
    return words % given if given else words


def test_by_invitation(visit):
    community = founded(join_policy="invitation")
    person = make.person(name="Noor")
    phone, desk = both(visit, community, person)
    phone.open(f"/c/{community.slug}/join/")
    assert phone.page.get_by_text(zh("One joins this community by an invitation.")).is_visible()
    assert phone.page.locator("main form").count() == 0

    desk.open(f"/c/{community.slug}/desk/invitations/new/")
    desk.page.locator("[name=channel]").fill("flyer")
    desk.press("Make the link", within="main form")
    address = desk.page.locator("[id^=link-]").first.inner_text()

    phone.page.goto(address)
    phone.press("Accept the invitation")
    at_rest(phone, desk)
    phone.press("Join", within="main form")
    assert phone.heading() == zh("Hello, %(name)s", name="Noor")
    member = Membership.objects.get(community=community, user=person)
    assert (member.status, member.channel) == (Status.ACTIVE, "flyer")


def test_by_application(visit):
    community = founded(make.person(name="Ming"), join_policy="application", references_asked=2)
    JoinQuestion.objects.create(community=community, position=0, text="Why?", kind="text", required=True)
    JoinQuestion.objects.create(
        community=community, position=1, text="When?", kind="choice", options=["Dawn", "Dusk"]
    )
    JoinQuestion.objects.create(community=community, position=2, text="Proof?", kind="file")
    custom_fields.create(
        community=community, name="Cap", kind="choice", choices=["Red", "Blue"], seen_by="members",
        required=True, editable=True, at=now(), by=make.SITE,
    )  # fmt: skip
    person, later = make.person(name="Noor"), make.person(name="Lan")
    phone, desk = both(visit, community, person)
    page = phone.page
    phone.open(f"/c/{community.slug}/")
    phone.press("Apply", within="body")
    page.get_by_label("Why?").fill("The cold.")
    page.get_by_label("Dusk").check()
    proof = {"name": "swim.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    page.locator("input[type=file]").set_input_files(proof)
    page.get_by_label("Cap").select_option("Blue")
    page.locator("[name=named]").fill("1")
    at_rest(phone)
    phone.press("Send the application", within="main form")
    assert phone.heading() == zh("It is being read")
    at_rest(phone)
    questions = list(community.join_questions.all())
    joining.join(
        community=community, user=later, answers={questions[0].pk: "Calm."}, custom={"Cap": "Red"}, at=now(),
        by=make.SITE,
    )  # fmt: skip

    keeper = desk.page
    desk.open(f"/c/{community.slug}/desk/members/")
    tab = keeper.locator("main .tabs").get_by_role("link", name="Applications")
    expect(tab.locator(".badge")).to_have_text("2")
    desk.follow(tab)
    assert keeper.locator("tbody tr").count() == 2
    at_rest(desk)
    desk.press("Begin to read")
    assert desk.heading() == "Noor"
    assert keeper.locator("dl.answers dd").all_inner_texts() == ["The cold.", "Dusk", "swim.pdf", "Blue"]
    with keeper.expect_download() as download:
        keeper.get_by_role("link", name="swim.pdf").click()
    assert download.value.suggested_filename == "swim.pdf"
    # The keyboard chooses the decision; the form comes with the words for it.
    keeper.keyboard.press("r")
    keeper.wait_for_url("**decision=reject")
    keeper.keyboard.press("a")
    keeper.wait_for_url("**decision=approve")
    at_rest(desk)
    keeper.locator("[name=message]").fill("Come in, {name}!")
    desk.follow(keeper.locator("main form .button.primary"))
    expect(keeper.locator("h1")).to_have_text("Lan")
    application = Application.objects.get(membership__user=person)
    assert (application.state, application.message) == ("approved", "Come in, Noor!")

    phone.open(f"/c/{community.slug}/")
    assert phone.heading() == zh("Hello, %(name)s", name="Noor")
    application.files.get().file.delete()


def test_the_first_in_line_takes_the_place_that_frees(visit):
    community = founded(join_policy="open")
    tier = community.tiers.get(is_default=True)
    tier.capacity = 1
    tier.save()
    phone, desk = both(visit, community, make.person(name="Noor"))
    phone.open(f"/c/{community.slug}/join/")
    phone.press("Join", within="main form")
    assert phone.heading() == zh("You are number %(n)s in line", n=1)

    desk.open(f"/c/{community.slug}/desk/settings/tiers/{tier.key}/")
    desk.page.locator("[name=capacity]").fill("2")
    desk.press("Save", within="main form")
    # A worker offers the place that the desk has made, perhaps before the desk is back: then two are taken.
    expect(desk.page.get_by_text(re.compile("^[12] of 2"))).to_be_visible()
    for _second in range(20):
        phone.page.reload()
        if phone.heading() == zh("A place is yours"):
            break
        phone.page.wait_for_timeout(500)
    assert phone.heading() == zh("A place is yours")
    at_rest(phone, desk)
    phone.press("Take the place")
    assert phone.heading() == zh("Hello, %(name)s", name="Noor")


def test_a_tier_and_a_question_are_set_at_the_desk(visit):
    owner = make.person(name="Ming")
    community = founded(owner, join_policy="application")
    keeper = visit(owner, width=DESK)
    page = keeper.page
    settings = f"/c/{community.slug}/desk/settings"
    keeper.open(f"{settings}/tiers/")
    page.locator("[name=name]").fill("Patron")
    page.locator("[name=perks]").fill("A seat\nA book")
    page.locator("[name=capacity]").fill("3")
    keeper.press("Make the tier")
    expect(page.get_by_text("0 of 3")).to_be_visible()
    assert (keeper.overflow(), keeper.violations()) == (0, [])
    keeper.open(f"{settings}/joining/")
    page.locator("[name=text]").fill("Why?")
    keeper.press("Ask this")
    expect(page.get_by_text("Why?").first).to_be_visible()
    assert (keeper.overflow(), keeper.violations()) == (0, [])
    keeper.open(f"{settings}/joining/letters/?decision=reject&language=en")
    page.locator("[name=text]").fill("{name}, not this year. {reason}")
    keeper.press("See it")
    expect(page.locator(".prose")).to_have_text("Ming, not this year. Here stands the reason.")
    assert (keeper.overflow(), keeper.violations()) == (0, [])
    keeper.press("Save")
    assert community.decision_letters.get().text == "{name}, not this year. {reason}"
