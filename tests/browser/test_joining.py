"""The ways in, as they are walked: an invitation on a phone, an application from both sides, a line for a place."""

import pytest
from playwright.sync_api import expect

from communities.models import Application, Community, JoinQuestion
from communities.services import applications, joining
from kernel.clock import now
from members.models import Membership
from members.roles import Status
from members.services import invitations
from tests import make
from tests.browser.visitor import DESK, PHONE, said

pytestmark = pytest.mark.browser


def founded(owner=None, **fields):
    made = make.community(owner=owner, type="interest", name="Lake Swimmers", at=now())
    JoinQuestion.objects.filter(community=made).delete()
    Community.objects.filter(pk=made.pk).update(**fields)
    return Community.objects.get(pk=made.pk)


def test_by_invitation_on_a_phone(visit):
    community = founded(join_policy="invitation")
    friend = make.member(community, name="Ada", at=now())
    link = invitations.personal(membership=friend, at=now())
    person = make.person(name="Noor")
    visitor = visit(person, width=PHONE)
    visitor.open(f"/c/{community.slug}/join/")
    assert visitor.page.get_by_text("One joins this community by an invitation.").is_visible()
    assert visitor.page.locator("main form").count() == 0
    visitor.open(f"/i/{link.code}")
    visitor.open(f"/c/{community.slug}/join/")
    assert visitor.page.get_by_text("Ada invites you.").is_visible()
    assert (visitor.overflow(), visitor.violations()) == (0, [])
    visitor.press("Join", within="main form")
    assert visitor.page.url == f"{visitor.address}/c/{community.slug}/"
    member = Membership.objects.get(community=community, user=person)
    assert (member.status, member.invited_by, member.channel) == (Status.ACTIVE, friend, "personal")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_by_application_on_a_phone_and_decided_at_the_desk(visit, language):
    owner = make.person(name="Ming")
    community = founded(owner, join_policy="application", references_asked=2)
    JoinQuestion.objects.create(community=community, position=0, text="Why?", kind="text", required=True)
    JoinQuestion.objects.create(
        community=community, position=1, text="When?", kind="choice", options=["Dawn", "Dusk"]
    )
    JoinQuestion.objects.create(community=community, position=2, text="Proof?", kind="file")
    person, later = make.person(name="Noor"), make.person(name="Lan")
    applicant = visit(person, width=PHONE, language=language)
    page = applicant.page
    applicant.open(f"/c/{community.slug}/")
    applicant.press("Apply", within="body")
    page.get_by_label("Why?").fill("The cold.")
    page.get_by_label("Dusk").check()
    proof = {"name": "swim.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    page.locator("input[type=file]").set_input_files(proof)
    page.locator("[name=named]").fill("1")
    assert (applicant.overflow(), applicant.violations()) == (0, [])
    applicant.press("Send the application", within="main form")
    assert applicant.heading() == said("It is being read", language)
    assert (applicant.overflow(), applicant.violations()) == (0, [])
    questions = list(community.join_questions.all())
    joining.join(community=community, user=later, answers={questions[0].pk: "Calm."}, at=now(), by=make.SITE)

    keeper = visit(owner, width=DESK, language=language)
    desk = keeper.page
    keeper.open(f"/c/{community.slug}/desk/applications/")
    assert desk.locator("tbody tr").count() == 2
    assert (keeper.overflow(), keeper.violations()) == (0, [])
    keeper.press("Begin to read")
    assert keeper.heading() == "Noor"
    assert desk.locator("dl.answers dd").first.inner_text() == "The cold."
    with desk.expect_download() as download:
        desk.get_by_role("link", name="swim.pdf").click()
    assert download.value.suggested_filename == "swim.pdf"
    # The keyboard chooses the decision; the form comes with the words for it.
    desk.keyboard.press("r")
    desk.wait_for_url("**decision=reject")
    desk.keyboard.press("a")
    desk.wait_for_url("**decision=approve")
    assert (keeper.overflow(), keeper.violations()) == (0, [])
    desk.locator("[name=message]").fill("Come in, {name}!")
    desk.locator("main form .button.primary").click()
    expect(desk.locator("h1")).to_have_text("Lan")
    application = Application.objects.get(membership__user=person)
    assert (application.state, application.message) == ("approved", "Come in, Noor!")

    applicant.open(f"/c/{community.slug}/")
    assert applicant.heading() == said("Hello, %(name)s", language) % {"name": "Noor"}
    application.files.get().file.delete()


def test_the_first_in_line_takes_the_place_that_frees(visit):
    community = founded(join_policy="open")
    tier = community.tiers.get(is_default=True)
    tier.capacity = 1
    tier.save()
    person = make.person(name="Noor")
    visitor = visit(person, width=PHONE)
    visitor.open(f"/c/{community.slug}/join/")
    visitor.press("Join", within="main form")
    assert visitor.heading() == "You are number 1 in line"
    tier.capacity = 2
    tier.save()
    applications.offer_places(at=now())
    visitor.page.reload()
    assert visitor.heading() == "A place is yours"
    assert (visitor.overflow(), visitor.violations()) == (0, [])
    visitor.press("Take the place")
    assert visitor.heading() == "Hello, Noor"


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
