"""Two who decide on one report, reports that come at one instant, and deciding while the author writes: one outcome."""

from functools import partial

import pytest

from communities.models import Case, Circle, Measure, Report
from communities.services import cases, circles, comments, posts, reports
from members.actors import Actor
from members.models import AuditEntry, Notification
from members.roles import Role
from tests import make
from tests.make import EARLY, SITE
from tests.security.races import together

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def circle():
    return Circle.objects.of(make.community().pk)[0]


def inside(circle, **fields):
    member = make.member(circle.community, **fields)
    circles.put_in(circle=circle, membership=member, at=EARLY, by=SITE)
    return member


def test_two_moderators_on_one_report_are_one_decision(circle):
    author, reporter = inside(circle), inside(circle)
    keepers = [inside(circle, role=Role.MODERATOR) for _n in range(2)]
    for n in range(6):
        post = posts.write(circle=circle, author=author, body="Buy", at=EARLY)
        case = reports.make(written=post, reporter=reporter, reason="spam", at=EARLY).case
        hides, keeps = (
            partial(cases.decide, case=case, act=act, reason="x", at=EARLY, by=Actor.person(one.user, one))
            for act, one in zip(("hide", "keep"), keepers, strict=True)
        )
        outcomes = together(hides, keeps)
        assert [one for one in outcomes if isinstance(one, str)] == ["decided"]
        post.refresh_from_db()
        case.refresh_from_db()
        assert (post.hidden_at is not None) == (case.act == "hide")
        told = Notification.objects.filter(membership=reporter, kind__startswith="report.")
        assert told.count() == n + 1
    assert AuditEntry.objects.filter(action__startswith="report.").count() == 6
    assert Measure.objects.count() == Case.objects.filter(act="hide").count()


def test_reports_at_one_instant_are_one_case(circle):
    author, people = inside(circle), [inside(circle) for _n in range(4)]
    for n in range(5):
        post = posts.write(circle=circle, author=author, body="Buy", at=EARLY)
        works = [
            partial(reports.make, written=post, reporter=one, reason="spam", at=EARLY)
            for one in (*people, people[0])
        ]
        outcomes = together(*works)
        assert [one for one in outcomes if isinstance(one, str)] == ["already"]
        assert (Case.objects.count(), Report.objects.count()) == (n + 1, 4 * (n + 1))


def test_deciding_while_the_author_writes_and_takes_back(circle):
    author, reporter = inside(circle), inside(circle)
    keeper = inside(circle, role=Role.MODERATOR)
    by = Actor.person(keeper.user, keeper)
    there = circles.create(community=circle.community, name="There", at=EARLY, by=SITE)
    for n in range(8):
        post = posts.write(circle=circle, author=author, body="Buy", at=EARLY)
        case = reports.make(written=post, reporter=reporter, reason="spam", at=EARLY).case
        act = ("mute", "move", "hide", "lock")[n % 4]
        outcomes = together(
            partial(
                cases.decide,
                case=case,
                act=act,
                hours=1,
                circle=there,
                reason="x",
                hides=True,
                at=EARLY,
                by=by,
            ),
            partial(comments.write, post=post, author=author, body="Buy more", at=EARLY),
            partial(comments.write, post=post, author=reporter, body="No", at=EARLY),
            partial(posts.remove, post=post, author=author, at=EARLY),
        )
        refused = {one for one in outcomes if isinstance(one, str)}
        assert refused <= {"gone", "muted", "not_now", "locked", "not_in_it"}
        Measure.objects.filter(kind="mute").update(ended_at=EARLY)


def test_an_edit_during_a_hide_is_before_it_or_not_at_all(circle):
    """What the record says was hidden is what stands there."""
    author, reporter = inside(circle), inside(circle)
    keeper = inside(circle, role=Role.MODERATOR)
    by = Actor.person(keeper.user, keeper)

    def edit(post):
        for n in range(1, 9):
            posts.change(post=post, author=author, title="", body=f"Buy {n}", at=EARLY)

    for _n in range(6):
        post = posts.write(circle=circle, author=author, body="Buy 0", at=EARLY)
        case = reports.make(written=post, reporter=reporter, reason="spam", at=EARLY).case
        outcomes = together(
            partial(cases.decide, case=case, act="hide", reason="x", at=EARLY, by=by), partial(edit, post)
        )
        assert {one for one in outcomes if isinstance(one, str)} <= {"hidden"}
        post.refresh_from_db()
        assert post.hidden_at is not None
        assert Measure.objects.get(post=post).said == post.body == f"Buy {post.versions.count()}"
    assert Measure.objects.count() == 6
