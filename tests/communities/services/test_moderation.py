"""Reports, the decision on them, and what stands in a member's record."""

from datetime import timedelta

import pytest

from communities.models import Case, Circle, Measure, Post, Report
from communities.services import (
    cases,
    circle_hosts,
    circles,
    comments,
    measures,
    messages,
    posts,
    reports,
)
from kernel import access
from kernel.errors import Refused
from members.actors import Actor
from members.models import AuditEntry, Membership, Message, Notification
from members.roles import Role
from members.services import standing
from tests import make
from tests.make import EARLY, SITE

pytestmark = pytest.mark.django_db
LATER = EARLY + timedelta(hours=1)


@pytest.fixture
def community():
    community = make.community("lantern")
    Circle.objects.of(community.pk).delete()
    return community


@pytest.fixture
def circle(community):
    return circles.create(community=community, name="Owls", at=EARLY, by=SITE)


def inside(circle, name="", **fields):
    member = make.member(circle.community, name=name, **fields)
    circles.put_in(circle=circle, membership=member, at=EARLY, by=SITE)
    return member


@pytest.fixture
def ada(circle):
    return inside(circle, "Ada")


@pytest.fixture
def bo(circle):
    return inside(circle, "Bo")


@pytest.fixture
def keeper(circle):
    return inside(circle, "Kim", role=Role.MODERATOR)


@pytest.fixture
def post(circle, ada):
    return posts.write(circle=circle, author=ada, title="Hello", body="Buy **this**", at=EARLY)


@pytest.fixture
def case(post, bo):
    return reports.make(written=post, reporter=bo, reason="spam", at=LATER).case


def acting(member) -> Actor:
    return Actor.person(member.user, member)


def refused(service, **told):
    with pytest.raises(Refused) as refusal:
        service(at=LATER, **told)
    return refusal.value.code


def told(kind):
    rows = Notification.objects.filter(kind=kind).order_by("membership__name")
    return [row.membership.name for row in rows]


def test_a_report_opens_one_case_for_all_reports_of_a_thing(circle, ada, bo, post, keeper):
    first = reports.make(written=post, reporter=bo, reason="spam", words=" An advert ", at=LATER)
    second = reports.make(written=post, reporter=inside(circle), reason="hostile", at=LATER)
    case = Case.objects.get()
    assert (first.case, second.case, first.words) == (case, case, "An advert")
    assert (case.author, case.circle, case.said) == (ada, circle, "Hello\n\nBuy **this**")
    # Hostile, twice, on a new post of a new member.
    assert case.urgency == 40 + 10 + 10 + 10
    owner = Membership.objects.get(role=Role.OWNER)
    assert {row.membership for row in Notification.objects.filter(kind="report.made")} == {keeper, owner}
    assert Message.objects.filter(kind="report.made").count() == 2


def test_one_reports_a_thing_once_and_never_one_s_own(ada, bo, post, case):
    assert refused(reports.make, written=post, reporter=bo, reason="hostile") == "already"
    assert refused(reports.make, written=post, reporter=ada, reason="spam") == "own"
    assert refused(reports.make, written=post, reporter=ada, reason="other") == "required"
    assert refused(reports.make, written=post, reporter=ada, reason="dull") == "unknown"
    assert Report.objects.count() == 1


def test_what_one_does_not_read_is_not_reported(circle, bo, post):
    circles.update(circle=circle, kind="closed", at=EARLY, by=SITE)
    outside = make.member(circle.community)
    assert refused(reports.make, written=post, reporter=outside, reason="spam") == "gone"
    answer = comments.write(post=post, author=bo, body="x", at=EARLY)
    comments.hide(comment=answer, reason="No", at=EARLY, by=SITE)
    assert refused(reports.make, written=answer, reporter=inside(circle), reason="spam") == "gone"
    assert not Case.objects.exists()


def test_who_reports_everything_takes_a_breath(circle, bo):
    author = inside(circle, role=Role.HOST)
    for n in range(21):
        written = posts.write(circle=circle, author=author, body=str(n), at=EARLY - timedelta(hours=n))
        if n < 20:
            reports.make(written=written, reporter=bo, reason="spam", at=LATER)
    assert refused(reports.make, written=written, reporter=bo, reason="spam") == "too_many"


def test_leaving_it_as_it_is_tells_the_reporter_and_not_the_author(bo, post, case, keeper):
    cases.decide(case=case, act="keep", at=LATER, by=acting(keeper))
    case.refresh_from_db()
    assert (case.state, case.act, case.decided_words, case.said) == ("kept", "keep", "Kim", "")
    assert told("report.kept") == ["Bo"]
    assert not Measure.objects.exists()
    assert not Message.objects.filter(kind__startswith="talk.").exists()
    assert list(AuditEntry.objects.filter(action="report.kept").values_list("object_id")) == [
        (str(case.key),)
    ]


def test_hiding_tells_both_and_stands_in_the_record(ada, post, case, keeper):
    cases.decide(case=case, act="hide", reason="An advert", at=LATER, by=acting(keeper))
    post.refresh_from_db()
    measure = Measure.objects.get()
    assert (post.hidden_at, post.reason) == (LATER, "An advert")
    assert (measure.membership, measure.kind, measure.reason, measure.by) == (
        ada,
        "hide",
        "An advert",
        keeper,
    )
    assert (told("report.acted"), told("talk.hidden")) == (["Bo"], ["Ada"])
    letter = Message.objects.get(kind="talk.hidden")
    assert "Bo" not in letter.text


def test_a_case_opens_again_with_a_new_report(circle, post, case, keeper):
    cases.decide(case=case, act="keep", at=LATER, by=acting(keeper))
    again = reports.make(written=post, reporter=inside(circle), reason="private", at=LATER)
    case.refresh_from_db()
    assert (again.case, case.state, case.act, case.decided_at) == (case, "open", "", None)
    assert [report.outcome for report in case.reports.order_by("pk")] == ["kept", "open"]
    # Only the new one counts.
    assert case.urgency == 50 + 10 + 10


def test_hiding_in_the_thread_decides_the_case(post, case, keeper):
    posts.hide(post=post, reason="Advert", at=LATER, by=acting(keeper))
    case.refresh_from_db()
    assert (case.state, case.act, case.decided_by) == ("acted", "hide", keeper)
    assert told("report.acted") == ["Bo"]


def test_the_second_is_told_who_was_faster(post, case, keeper):
    cases.decide(case=case, act="keep", at=LATER, by=acting(keeper))
    with pytest.raises(Refused, match="Kim has decided already: Leave it as it is"):
        cases.decide(case=case, act="hide", reason="x", at=LATER, by=SITE)
    post.refresh_from_db()
    assert post.hidden_at is None


@pytest.mark.parametrize("act", ["hide", "lock", "move", "warn", "mute", "restrict", "remove"])
def test_whatever_is_done_needs_a_reason(case, keeper, act):
    assert refused(cases.decide, case=case, act=act, reason=" ", by=acting(keeper)) == "required"
    assert Case.objects.get().is_open


def test_nobody_decides_about_their_own_words(circle, bo, keeper):
    own = posts.write(circle=circle, author=keeper, body="Mine", at=EARLY)
    case = reports.make(written=own, reporter=bo, reason="hostile", at=LATER).case
    assert not access.sees(keeper, case)
    assert refused(cases.decide, case=case, act="keep", by=acting(keeper)) == "no_longer_allowed"
    posts.hide(post=own, reason="x", at=LATER, by=SITE)
    assert refused(posts.show, post=own, by=acting(keeper)) == "own"


def test_hosts_decide_in_their_own_circles_upon_words_alone(community, circle, ada, bo, case):
    host, elsewhere = inside(circle), make.member(community)
    circle_hosts.appoint(circle=circle, membership=host, at=EARLY, by=SITE)
    other = circles.create(community=community, name="Larks", at=EARLY, by=SITE)
    circles.put_in(circle=other, membership=elsewhere, at=EARLY, by=SITE)
    circle_hosts.appoint(circle=other, membership=elsewhere, at=EARLY, by=SITE)
    assert [access.sees(member, case) for member in (host, elsewhere, bo, ada)] == [True, False, False, False]
    assert cases.possible(case, host) == ["keep", "hide", "lock", "move"]
    assert refused(cases.decide, case=case, act="mute", reason="x", hours=1, by=acting(host)) == (
        "no_longer_allowed"
    )
    told = {"case": case, "act": "move", "reason": "x", "by": acting(host)}
    assert refused(cases.decide, circle=other, **told) == "no_longer_allowed"
    cases.decide(case=case, act="hide", reason="x", at=LATER, by=acting(host))
    assert Post.objects.get().hidden_at == LATER


def test_a_moderator_does_nothing_to_an_owner(circle, bo, keeper):
    owner = Membership.objects.get(role=Role.OWNER)
    circles.put_in(circle=circle, membership=owner, at=EARLY, by=SITE)
    written = posts.write(circle=circle, author=owner, body="x", at=EARLY)
    case = reports.make(written=written, reporter=bo, reason="spam", at=LATER).case
    assert cases.possible(case, keeper) == ["keep", "hide", "lock", "move"]
    for act in ("warn", "mute", "restrict"):
        code = refused(cases.decide, case=case, act=act, reason="x", hours=2, by=acting(keeper))
        assert code == "owners_only"
    assert not Measure.objects.exists()


def test_who_is_muted_reads_and_writes_nothing_until_it_ends(circle, ada, post, case, keeper):
    told = {"case": case, "act": "mute", "hours": 24, "hides": True, "reason": "Calm down"}
    cases.decide(at=LATER, by=acting(keeper), **told)
    assert access.sees(ada, Post.objects.get())
    assert Post.objects.get().hidden_at == LATER
    assert refused(posts.write, circle=circle, author=ada, body="x") == "muted"
    other = posts.write(circle=circle, author=inside(circle), body="x", at=EARLY)
    assert refused(comments.write, post=other, author=ada, body="x") == "muted"
    assert refused(posts.change, post=post, author=ada, title="", body="x") == "muted"
    assert refused(messages.write, author=ada, to=keeper, body="x") == "muted"
    letter = Message.objects.get(kind="moderation.muted")
    assert "Calm down" in letter.text and "6 Jan 2026, 10:00" in letter.text
    comments.write(post=other, author=ada, body="x", at=LATER + timedelta(hours=24))


def test_a_mute_is_replaced_and_ended(circle, ada, keeper):
    told = {"membership": ada, "reason": "x", "by": acting(keeper)}
    measures.mute(hours=24, at=EARLY, **told)
    measures.mute(hours=1, at=EARLY, **told)
    assert measures.muted(ada, EARLY).until == LATER
    measures.unmute(membership=ada, at=EARLY, by=acting(keeper))
    assert measures.muted(ada, EARLY) is None
    assert refused(measures.mute, hours=0, **told) == "hours"
    assert refused(measures.mute, hours=9000, **told) == "hours"


def test_nobody_warns_themselves_or_without_the_role(ada, bo, keeper):
    assert refused(measures.warn, membership=keeper, reason="x", by=acting(keeper)) == "own"
    assert refused(measures.warn, membership=ada, reason="x", by=acting(bo)) == "no_longer_allowed"
    assert not Measure.objects.exists()
    measures.warn(membership=ada, reason="Be kind", at=EARLY, by=acting(keeper))
    assert Message.objects.get(kind="moderation.warned").membership == ada


def test_a_post_moves_with_its_facts_left_where_they_were(community, circle, ada, post, case, keeper):
    there = circles.create(community=community, name="Larks", at=EARLY, by=SITE, kind="closed")
    outside = make.member(community)
    told = {"case": case, "act": "move", "reason": "Fits there"}
    assert refused(cases.decide, circle=circle, by=acting(keeper), **told) == "circle"
    cases.decide(circle=there, at=LATER, by=acting(keeper), **told)
    post = Post.objects.get()
    case.refresh_from_db()
    assert (post.circle, case.circle, Measure.objects.get().source) == (there, there, circle)
    assert (access.sees(outside, post), access.sees(keeper, post)) == (False, True)
    assert "“Larks”" not in Message.objects.get(kind="moderation.moved").text
    assert "Fits there" in Message.objects.get(kind="moderation.moved").text


def test_closing_a_thread_is_told_with_its_reason(post, case, keeper):
    cases.decide(case=case, act="lock", reason="Enough", at=LATER, by=acting(keeper))
    assert Post.objects.get().locked_at == LATER
    assert "Enough" in Message.objects.get(kind="moderation.locked").text
    posts.lock(post=post, locks=False, at=LATER, by=acting(keeper))
    assert Measure.objects.get().ended_at == LATER


def test_a_restriction_stands_in_the_record_by_whichever_door(ada, case, keeper):
    cases.decide(case=case, act="restrict", reason="Adverts", at=LATER, by=acting(keeper))
    ada.refresh_from_db()
    assert (ada.status, Measure.objects.get().kind, Measure.objects.get().reason) == (
        "restricted",
        "restrict",
        "Adverts",
    )
    standing.act("lift", membership=ada, at=LATER, by=acting(keeper))
    assert Measure.objects.get().ended_at == LATER
    standing.act("remove", membership=ada, reason="Again", at=LATER, by=SITE)
    assert list(Measure.objects.order_by("pk").values_list("kind", flat=True)) == ["restrict", "remove"]


def test_what_is_taken_back_meanwhile_can_still_be_decided(ada, post, case, keeper):
    posts.remove(post=post, author=ada, at=LATER)
    case.refresh_from_db()
    assert (case.said, cases.possible(case, keeper)[:2]) == ("Hello\n\nBuy **this**", ["keep", "warn"])
    assert refused(cases.decide, case=case, act="hide", reason="x", by=acting(keeper)) == "not_now"
    cases.decide(case=case, act="warn", reason="x", hides=True, at=LATER, by=acting(keeper))
    assert Measure.objects.get().kind == "warn"


def test_a_program_decides_too(case):
    cases.decide(case=case, act="hide", reason="x", at=LATER, by=Actor.site("Robot"))
    assert Case.objects.get().decided_words == "Robot"
