"""Polls and votes: one each, changed until the end, a fact once, and shown when their author said."""

from datetime import timedelta

import pytest

from communities.models import Circle, Option, Poll, Post, Vote
from communities.selectors import polls as seen
from communities.services import circles, posts, votes
from communities.services.polls import Ask
from engagement.models import Fact
from kernel.errors import Refused
from members.models import Membership
from members.roles import Status
from tests import make
from tests.make import EARLY, SITE

pytestmark = pytest.mark.django_db
LATER = EARLY + timedelta(hours=1)
TEA = ("Green", "Black", "None")


@pytest.fixture
def circle():
    community = make.community("lantern")
    Circle.objects.of(community.pk).delete()
    return circles.create(community=community, name="Owls", at=EARLY, by=SITE)


def inside(circle, name):
    member = make.member(circle.community, name=name)
    circles.put_in(circle=circle, membership=member, at=EARLY, by=SITE)
    return member


@pytest.fixture
def ada(circle):
    return inside(circle, "Ada")


@pytest.fixture
def bo(circle):
    return inside(circle, "Bo")


def asked(circle, ada, **fields):
    return posts.write(circle=circle, author=ada, body="Tea?", poll=Ask(TEA, **fields), at=EARLY)


def vote(post, member, *texts, at=LATER):
    found = Option.objects.filter(poll__post=post, text__in=texts).values_list("pk", flat=True)
    votes.cast(post=post, member=member, options=set(found), at=at)


def cast():
    return list(Vote.objects.order_by("member", "option__place").values_list("member__name", "option__text"))


def shown(post, viewer, at=LATER):
    post = Post.objects.select_related("poll").get(pk=post.pk)
    seen.fill([post], viewer, at)
    return [choice.votes for choice in post.shown_poll.choices]


def refused(act, **told):
    with pytest.raises(Refused) as refusal:
        act(**told)
    return refusal.value.code


def test_a_vote_is_changed_and_is_a_fact_once(circle, ada, bo):
    post = asked(circle, ada)
    for texts in (("Green",), ("Black",), (), ("Black",), ("Black",)):
        vote(post, bo, *texts)
    vote(post, ada, "Green")
    assert cast() == [("Ada", "Green"), ("Bo", "Black")]
    facts = Fact.objects.filter(verb="voted").values_list("member", "target", "object_kind", "object_id")
    assert list(facts) == [(bo.number, ada.number, "post", str(post.key))]


def test_several_where_several_can_be_chosen(circle, ada, bo):
    one, many = asked(circle, ada), asked(circle, ada, several=True)
    with pytest.raises(Refused) as refusal:
        vote(one, bo, "Green", "Black")
    assert refusal.value.code == "one_only"
    vote(many, bo, "Green", "Black")
    vote(many, bo, "Black", "None")
    assert cast() == [("Bo", "Black"), ("Bo", "None")]


def test_what_cannot_be_voted_for(circle, ada, bo):
    post = asked(circle, ada, closes_at=LATER)
    plain = posts.write(circle=circle, author=ada, body="Hello", at=EARLY)
    before = LATER - timedelta(seconds=1)
    other = Option.objects.filter(poll__post=asked(circle, ada)).first()
    for options in ({0}, {other.pk}):
        assert refused(votes.cast, post=post, member=bo, options=options, at=before) == "unknown"
    assert refused(votes.cast, post=post, member=bo, options={1}, at=LATER) == "closed"
    assert refused(votes.cast, post=plain, member=bo, options={1}, at=before) == "no_poll"
    posts.hide(post=plain, reason="No", at=EARLY, by=SITE)
    assert refused(votes.cast, post=plain, member=bo, options={1}, at=before) == "gone"
    Membership.objects.filter(pk=bo.pk).update(status=Status.PAUSED)
    assert refused(votes.cast, post=post, member=bo, options={1}, at=before) == "not_active"
    assert (cast(), Fact.objects.filter(verb="voted").count()) == ([], 0)


@pytest.mark.parametrize(
    ("results", "stranger", "voter", "end"),
    [
        ("always", [0, 1, 0], [0, 1, 0], [0, 1, 0]),
        ("voted", [None] * 3, [0, 1, 0], [0, 1, 0]),
        ("closed", [None] * 3, [None] * 3, [0, 1, 0]),
    ],
)
def test_votes_are_shown_when_their_author_said(circle, ada, bo, results, stranger, voter, end):
    post = asked(circle, ada, results=results, closes_at=LATER)
    vote(post, bo, "Black", at=EARLY)
    assert (shown(post, ada, EARLY), shown(post, None, EARLY)) == (stranger, stranger)
    assert (shown(post, bo, EARLY), shown(post, ada, LATER)) == (voter, end)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"options": ("One", " ")}, "count"),
        ({"options": [str(n) for n in range(11)]}, "count"),
        ({"options": ("Tea", "tea ")}, "taken"),
        ({"options": ("Tea", "a" * 121)}, "length"),
        ({"options": TEA, "closes_at": EARLY}, "past"),
    ],
)
def test_what_is_no_poll_is_refused_with_its_post(circle, ada, fields, code):
    assert refused(posts.write, circle=circle, author=ada, body="?", poll=Ask(**fields), at=EARLY) == code
    assert (Post.objects.count(), Poll.objects.count()) == (0, 0)


def test_a_poll_is_changed_until_somebody_has_voted(circle, ada, bo):
    post = asked(circle, ada)
    told = {"post": post, "author": ada, "body": "Tea?", "title": "", "at": LATER}
    posts.change(**told, poll=None)
    assert not Poll.objects.exists()
    posts.change(**told, poll=Ask(("Yes", "No")))
    vote(post, bo, "Yes")
    assert refused(posts.change, **told, poll=Ask(("Yes", "Never"))) == "voted"
    posts.change(**told, poll=Ask(["Yes", "No"]))
    posts.change(**told | {"body": "Tea, then?"})
    assert list(Option.objects.values_list("text", flat=True)) == ["Yes", "No"]
    posts.remove(post=post, author=ada, at=LATER)
    assert (Poll.objects.count(), Vote.objects.count()) == (0, 0)


def test_what_its_author_closes_is_closed_for_good(circle, ada, bo):
    post, unvoted = asked(circle, ada, results="closed"), asked(circle, ada)
    vote(post, bo, "Green")
    assert refused(votes.close, post=post, author=bo, at=LATER) == "not_yours"
    assert (Poll.objects.filter(closed_at=None).count(), shown(post, bo)) == (2, [None] * 3)
    for at in (LATER, LATER + timedelta(hours=1)):
        votes.close(post=post, author=ada, at=at)
    # Asked for before, and come after it.
    green = Option.objects.filter(poll__post=post).values_list("pk", flat=True)[0]
    assert refused(votes.cast, post=post, member=bo, options={green}, at=EARLY) == "closed"
    assert (Poll.objects.get(post=post).closed_at, cast(), shown(post, bo)) == (
        LATER,
        [("Bo", "Green")],
        [1, 0, 0],
    )
    votes.close(post=unvoted, author=ada, at=LATER)
    told = {"post": unvoted, "author": ada, "body": "Tea, then?", "title": "", "at": LATER}
    assert refused(posts.change, **told, poll=Ask(("Yes", "No"))) == "closed"
    posts.change(**told)
    plain = posts.write(circle=circle, author=ada, body="Hello", at=EARLY)
    assert refused(votes.close, post=plain, author=ada, at=LATER) == "no_poll"
