"""Joining: each policy, each way back, dues before and after the decision, and what is asked."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from communities.models import Application, ApplicationFile, Community, JoinQuestion
from communities.services import answers as judging
from communities.services import applications, joining
from kernel import dues
from kernel.errors import Refused
from members.actors import Actor
from members.models import Membership
from members.services import standing
from tests import make
from tests.kernel.test_pictures import PLAIN_JPEG, PLAIN_PNG
from tests.make import EARLY, SITE

pytestmark = pytest.mark.django_db

LATER = EARLY + timedelta(days=1)


def question(community, **fields):
    return JoinQuestion.objects.create(community=community, position=9, text="Which?", **fields)


def changed(community, **fields):
    Community.objects.filter(pk=community.pk).update(**fields)
    return Community.objects.get(pk=community.pk)


@pytest.fixture
def community():
    community = make.community()
    JoinQuestion.objects.filter(community=community).delete()
    return community


@pytest.fixture
def with_dues():
    """Every tier has dues."""

    def always(tier_id):
        return True

    dues.provide(always)
    yield
    dues.withdraw(always)


def join(community, answers=None, user=None, at=EARLY, **more):
    user = user or make.person()
    return joining.join(community=community, user=user, answers=answers or {}, at=at, by=SITE, **more)


def path(member):
    """The statuses a membership went through."""
    return list(member.changes.filter(kind="status").values_list("after", flat=True))


def fill_up(community, places=0):
    """Leave so many places in the default tier."""
    tier = community.tiers.get(is_default=True)
    tier.capacity = tier.memberships.count() + places
    tier.save()
    return tier


def test_answers_are_kept_with_their_questions(community):
    choice = question(community, kind="choice", options=["tea", "coffee"])
    member = join(community, {choice.pk: "tea"})
    assert member.answers == [{"question": "Which?", "kind": "choice", "answer": "tea"}]
    assert Application.objects.count() == 0


@pytest.mark.parametrize(
    ("kind", "answer", "code"),
    [
        ("text", "", "required"),
        ("text", "x" * 2001, "invalid"),
        ("choice", "beer", "invalid"),
        ("several", ["tea", "beer"], "invalid"),
        ("date", "tomorrow", "invalid"),
        ("agreement", False, "required"),
        ("file", None, "required"),
        ("file", "a.pdf", "invalid"),
        ("file", SimpleUploadedFile("a.pdf", b"<html>"), "media_type"),
        ("file", SimpleUploadedFile("a.svg", b"<svg onload='x'>"), "media_type"),
        ("file", SimpleUploadedFile("a.png", PLAIN_PNG[:-5]), "media_type"),
        ("file", SimpleUploadedFile("a.pdf", b"%PDF-" + b"x" * judging.LARGEST_FILE), "too_large"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused(community, kind, answer, code):
    asked = question(community, kind=kind, options=["tea"], required=True)
    with pytest.raises(Refused) as refusal:
        join(community, {asked.pk: answer})
    assert (refusal.value.code, refusal.value.field) == (code, f"question_{asked.pk}")
    assert Membership.objects.of(community.id).count() == 1


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("cv.html", b"%PDF-1.7 ...", "application/pdf"),
        ("me.gif", PLAIN_PNG, "image/png"),
        ("me", PLAIN_JPEG, "image/jpeg"),
    ],
)
def test_a_file_is_told_by_its_content_and_lies_in_private(community, name, content, media_type):
    asked = question(community, kind="file")
    join(community, {asked.pk: SimpleUploadedFile(name, content, content_type="text/html")})
    file = ApplicationFile.objects.get()
    assert (file.name, file.media_type, file.size) == (name, media_type, len(content))
    assert file.file.read() == content
    assert file.file.name.startswith("applications/") and name not in file.file.name
    assert file.application.state == "approved"
    assert file.application.answers == [
        {"question": "Which?", "kind": "file", "answer": name, "file": str(file.key)}
    ]
    file.file.delete()


def test_a_picture_is_kept_without_its_maker(community):
    asked = question(community, kind="file")
    told = PLAIN_JPEG[:2] + b"\xff\xe1\x00\x0aExif\x00\x00at" + PLAIN_JPEG[2:]
    join(community, {asked.pk: SimpleUploadedFile("me.jpg", told)})
    file = ApplicationFile.objects.get()
    assert (file.file.read(), file.size) == (PLAIN_JPEG, len(PLAIN_JPEG))
    file.file.delete()


def test_who_is_asked_to_an_open_community_is_in_at_once(community):
    inviter = make.member(community)
    member = join(community, invited_by=inviter, channel="mail", campaign="spring")
    assert (member.invited_by, member.channel, member.campaign) == (inviter, "mail", "spring")
    assert path(member) == ["active"]


def test_by_invitation_one_comes_with_an_invitation_alone(community):
    community = changed(community, join_policy="invitation")
    with pytest.raises(Refused) as refusal:
        join(community)
    assert (refusal.value.code, Membership.objects.count()) == ("not_invited", 1)
    tier = community.tiers.exclude(is_default=True).first()
    member = join(community, invited=True, channel="fair", tier=tier)
    assert (member.status, member.tier) == ("active", tier)


def test_a_community_that_is_not_approved_lets_nobody_in(community):
    with pytest.raises(Refused):
        join(changed(community, approved_at=None))
    assert Membership.objects.of(community.id).count() == 1


def test_by_application_one_is_read_first(community):
    community = changed(community, join_policy="application", references_asked=2)
    known = make.member(community, email="ada@example.org")
    asked = question(community, kind="text")
    member = join(community, {asked.pk: "tea"}, named=["ADA@example.org", "999", "1"])
    assert path(member) == ["applied"]
    application = Application.objects.get()
    assert (application.state, application.membership, application.answers) == (
        "open",
        member,
        [{"question": "Which?", "kind": "text", "answer": "tea"}],
    )
    assert application.named == ["ADA@example.org", "999"]
    assert [one.member for one in application.references.all()] == [known]


def test_an_application_is_one_and_one_may_come_back(community):
    community = changed(community, join_policy="application")
    person = make.person()
    member = join(community, user=person)
    with pytest.raises(Refused) as refusal:
        join(community, user=person)
    assert refusal.value.code == "already_applied"
    standing.act("withdraw", membership=member, at=EARLY, by=Actor.person(person, member))
    assert Application.objects.get().state == "withdrawn"
    join(community, user=person)
    application = Application.objects.get(state="open")
    applications.decide(application=application, decision="reject", at=EARLY, by=SITE, reason="No room.")
    with pytest.raises(Refused) as refusal:
        join(community, user=person, at=EARLY + timedelta(days=29))
    assert (refusal.value.code, "4 Feb 2026" in str(refusal.value)) == ("too_soon", True)
    join(community, user=person, at=EARLY + timedelta(days=30))
    assert path(member) == ["applied", "withdrawn", "applied", "rejected", "applied"]


def test_who_left_comes_back_and_who_was_ended_does_not(community):
    gone, banned = make.member(community), make.member(community, email="troll@example.org")
    standing.act("leave", membership=gone, at=EARLY, by=SITE)
    standing.act("ban", membership=banned, at=EARLY, by=SITE, reason="Spam")
    assert path(join(community, user=gone.user, at=LATER)) == ["active", "left", "active"]
    Membership.objects.filter(pk=banned.pk).update(user=None)
    for person in (make.person("troll@example.org"), make.person()):
        if person.email == "troll@example.org":
            with pytest.raises(Refused) as refusal:
                join(community, user=person, at=LATER)
            assert refusal.value.code == "ended"
        else:
            join(community, user=person, at=LATER)


def test_a_full_tier_has_a_line_and_nobody_jumps_it(community):
    tier = fill_up(community)
    first, second = join(community), join(community, at=LATER)
    assert (first.status, second.status) == ("waiting", "waiting")
    tier.capacity += 1
    tier.save()
    assert join(community, at=LATER).status == "waiting"
    assert applications.offer_places(at=LATER) == 1
    first.refresh_from_db()
    assert (first.status, Application.objects.get(membership=first).decision) == ("approved", "offer")
    taken = joining.take_place(membership=first, at=LATER, by=Actor.person(first.user, first))
    assert path(taken) == ["waiting", "approved", "active"]
    with pytest.raises(Refused):
        joining.take_place(membership=second, at=LATER, by=SITE)


def test_an_offer_that_lies_goes_to_the_next(community):
    tier = fill_up(community)
    first, second = join(community), join(community, at=LATER)
    tier.capacity += 1
    tier.save()
    applications.offer_places(at=LATER)
    assert applications.offer_places(at=LATER + timedelta(days=6)) == 0
    assert applications.offer_places(at=LATER + timedelta(days=7)) == 1
    assert path(first) == ["waiting", "approved", "waiting"]
    assert path(second) == ["waiting", "approved"]


def test_dues_are_asked_for_where_nobody_decides(community, with_dues):
    member = join(community)
    assert path(member) == ["awaiting_payment"]
    assert path(joining.paid(membership=member, at=LATER, by=SITE)) == ["awaiting_payment", "active"]
    with pytest.raises(Refused):
        joining.paid(membership=member, at=LATER, by=SITE)


def test_dues_after_the_decision(community, with_dues):
    community = changed(community, join_policy="application")
    member = join(community)
    applications.decide(application=Application.objects.get(), decision="approve", at=LATER, by=SITE)
    assert path(member) == ["applied", "approved", "awaiting_payment"]
    assert Application.objects.get().state == "approved"
    joining.paid(membership=member, at=LATER, by=SITE)
    assert path(member)[-1] == "active"


@pytest.mark.parametrize(("decision", "ends"), [("approve", "active"), ("reject", "rejected")])
def test_dues_before_the_decision(community, with_dues, decision, ends):
    community = changed(community, join_policy="application", dues_first=True)
    member = join(community)
    application = Application.objects.get()
    assert (path(member), application.state) == (["applied", "awaiting_payment"], "unpaid")
    with pytest.raises(Refused) as refusal:
        applications.decide(application=application, decision="approve", at=LATER, by=SITE)
    assert refusal.value.code == "unpaid"
    joining.paid(membership=member, at=LATER, by=SITE)
    application.refresh_from_db()
    assert (application.state, application.paid_at) == ("open", LATER)
    applications.decide(application=application, decision=decision, at=LATER, by=SITE, reason="So.")
    assert path(member) == ["applied", "awaiting_payment", ends]


def test_the_joining_is_told_once_with_who_brought_them(community, monkeypatch):
    told = []
    monkeypatch.setattr("members.services.history.publish", lambda member, verb, at: told.append((verb, at)))
    community = changed(community, join_policy="application")
    join(community, invited_by=make.member(community))
    told.clear()
    applications.decide(application=Application.objects.get(), decision="approve", at=LATER, by=SITE)
    assert told == [("joined", LATER)]
