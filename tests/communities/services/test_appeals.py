"""Appeals: made once by who was acted upon, decided by somebody else where there is one, and what lifting undoes."""

from datetime import timedelta

import pytest

from communities.models import Appeal, Circle, Measure
from communities.services import appeals, circle_hosts, circles, comments, measures, posts
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
def circle():
    community = make.community("lantern")
    Circle.objects.of(community.pk).delete()
    return circles.create(community=community, name="Owls", at=EARLY, by=SITE)


def inside(circle, name="", **fields):
    member = make.member(circle.community, name=name, **fields)
    circles.put_in(circle=circle, membership=member, at=EARLY, by=SITE)
    return member


@pytest.fixture
def ada(circle):
    return inside(circle, "Ada")


@pytest.fixture
def keeper(circle):
    return inside(circle, "Kim", role=Role.MODERATOR)


@pytest.fixture
def post(circle, ada):
    return posts.write(circle=circle, author=ada, body="Hello", at=EARLY)


def owner():
    return Membership.objects.get(role=Role.OWNER)


def acting(member) -> Actor:
    return Actor.person(member.user, member)


def appealed(member, at=LATER):
    measure = Measure.objects.latest("pk")
    return appeals.make(measure=measure, membership=member, words="I was quoting.", at=at)


def refused(service, **told):
    with pytest.raises(Refused) as refusal:
        service(**{"at": LATER, **told})
    return refusal.value.code


def lift(appeal, by=SITE):
    return appeals.decide(appeal=appeal, lifts=True, answer="You are right.", at=LATER, by=by)


def test_one_appeals_once_with_words_against_what_was_done_to_oneself(ada, post, keeper):
    posts.hide(post=post, reason="x", at=EARLY, by=acting(keeper))
    measure = Measure.objects.get()
    assert refused(appeals.make, measure=measure, membership=ada, words=" ") == "required"
    assert refused(appeals.make, measure=measure, membership=keeper, words="x") == "not_yours"
    late = EARLY + timedelta(days=30, seconds=1)
    assert refused(appeals.make, measure=measure, membership=ada, words="x", at=late) == "over"
    appealed(ada)
    assert refused(appeals.make, measure=measure, membership=ada, words="x") == "already"
    assert [row.membership for row in Notification.objects.filter(kind="appeal.made")] == [owner()]


def test_what_is_over_is_not_appealed_against(ada, keeper):
    measures.mute(membership=ada, hours=1, reason="x", at=EARLY, by=acting(keeper))
    assert refused(appeals.make, measure=Measure.objects.get(), membership=ada, words="x") == "over"


def test_who_has_acted_does_not_decide_where_there_is_another(ada, post, keeper):
    posts.hide(post=post, reason="x", at=EARLY, by=acting(keeper))
    appeal = appealed(ada)
    assert [access.sees(one, appeal) for one in (keeper, owner(), ada)] == [False, True, False]
    told = {"appeal": appeal, "lifts": True, "answer": "x"}
    assert refused(appeals.decide, by=acting(keeper), **told) == "no_longer_allowed"
    lift(appeal, acting(owner()))
    assert refused(appeals.decide, by=SITE, **told) == "decided"
    post.refresh_from_db()
    assert (post.hidden_at, Measure.objects.get().ended_at) == (None, LATER)
    assert "You are right." in Message.objects.get(kind="appeal.lifted").text
    assert AuditEntry.objects.filter(action="appeal.lifted").count() == 1


def test_who_is_alone_decides_on_what_they_did(ada, post):
    posts.hide(post=post, reason="x", at=EARLY, by=acting(owner()))
    appeal = appealed(ada)
    assert access.sees(owner(), appeal)
    lift(appeal, acting(owner()))
    assert Appeal.objects.get().state == "lifted"


def test_letting_it_stay_changes_nothing_but_the_answer(ada, post, keeper):
    posts.hide(post=post, reason="x", at=EARLY, by=SITE)
    appeal = appealed(ada)
    assert refused(appeals.decide, appeal=appeal, lifts=False, answer=" ", by=SITE) == "required"
    appeals.decide(appeal=appeal, lifts=False, answer="It stays.", at=LATER, by=acting(keeper))
    post.refresh_from_db()
    assert (post.hidden_at, Appeal.objects.get().state, Measure.objects.get().ended_at) == (
        EARLY,
        "upheld",
        None,
    )
    assert "It stays." in Message.objects.get(kind="appeal.upheld").text


def test_lifting_shows_a_comment_and_opens_a_thread(ada, post):
    comment = comments.write(post=post, author=ada, body="x", at=EARLY)
    comments.hide(comment=comment, reason="x", at=EARLY, by=SITE)
    lift(appealed(ada))
    comment.refresh_from_db()
    posts.lock(post=post, locks=True, reason="x", at=EARLY, by=SITE)
    lift(appealed(ada))
    post.refresh_from_db()
    assert (comment.hidden_at, post.locked_at, post.comment_count) == (None, None, 1)


def test_lifting_moves_back_and_stands_in_no_record(circle, ada, post):
    there = circles.create(community=circle.community, name="Larks", at=EARLY, by=SITE)
    posts.move(post=post, to=there, reason="x", at=EARLY, by=SITE)
    lift(appealed(ada))
    post.refresh_from_db()
    assert (post.circle, Measure.objects.count()) == (circle, 1)


def test_lifting_ends_a_mute_a_warning_and_a_restriction(circle, ada, keeper):
    told = {"membership": ada, "reason": "x", "at": EARLY, "by": SITE}
    measures.mute(hours=24, **told)
    lift(appealed(ada), acting(keeper))
    assert measures.muted(ada, LATER) is None
    measures.warn(**told)
    lift(appealed(ada), acting(keeper))
    standing.act("restrict", **told)
    lift(appealed(ada), acting(keeper))
    ada.refresh_from_db()
    assert ada.status == "active"
    assert not Measure.objects.standing().exists()


def test_who_was_banned_appeals_to_those_who_may_take_them_back(ada, keeper):
    standing.act("ban", membership=ada, reason="x", at=EARLY, by=SITE)
    ada.refresh_from_db()
    appeal = appealed(ada)
    assert [access.sees(one, appeal) for one in (keeper, owner())] == [False, True]
    lift(appeal, acting(owner()))
    ada.refresh_from_db()
    assert ada.status == "active"


def test_a_host_decides_on_what_another_did_in_their_circle(circle, ada, post):
    hosts = [inside(circle, f"H{n}") for n in range(2)]
    for host in hosts:
        circle_hosts.appoint(circle=circle, membership=host, at=EARLY, by=SITE)
    posts.hide(post=post, reason="x", at=EARLY, by=acting(hosts[0]))
    appeal = appealed(ada)
    assert [access.sees(host, appeal) for host in hosts] == [False, True]
    lift(appeal, acting(hosts[1]))
    measures.warn(membership=ada, reason="x", at=EARLY, by=SITE)
    assert not access.sees(hosts[1], appealed(ada))


def test_what_its_author_took_back_is_lifted_in_the_record_alone(ada, post):
    posts.hide(post=post, reason="x", at=EARLY, by=SITE)
    posts.remove(post=post, author=ada, at=EARLY)
    lift(appealed(ada))
    assert Measure.objects.get().ended_at == LATER
