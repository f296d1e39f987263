"""What a member missed: the choice beside one made by reading everything, and the words that say why."""

import random
from collections import Counter
from datetime import timedelta

import pytest

from communities.models import Circle, Comment, Mention, Post
from communities.selectors import missed
from communities.services import circles
from kernel import access
from tests import make
from tests.make import EARLY, SITE

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NOW = EARLY + 120 * DAY
SINCE = NOW - 10 * DAY


@pytest.fixture
def community():
    community = make.community("lantern")
    Circle.objects.of(community.pk).delete()
    return community


def a_circle(community, name, members, **fields):
    circle = circles.create(community=community, name=name, at=EARLY, by=SITE, **fields)
    for member in members:
        circles.put_in(circle=circle, membership=member, at=EARLY, by=SITE)
    return circle


def a_post(circle, author, at, **fields):
    return Post.objects.create(circle=circle, author=author, body="x", created_at=at, last_at=at, **fields)


def a_comment(post, author, at, parent=None, **fields):
    made = Comment.objects.create(post=post, author=author, body="y", created_at=at, parent=parent, **fields)
    there = Comment.objects.filter(post=post, removed_at=None, hidden_at=None)
    Post.objects.filter(pk=post.pk).update(comment_count=there.count(), last_at=max(post.last_at, at))
    post.refresh_from_db()
    return made


def met(comment):
    """Whom a comment answers."""
    return (comment.parent or comment.post).author


def is_of(mention, post):
    """Whether the member was named in the thread by words that are there."""
    return mention.post == post or (
        mention.comment is not None and mention.comment.post == post and mention.comment.is_there
    )


def by_reading_everything(community, viewer):
    """(post, {kind: weight}) of all, by going through every post and comment."""
    said = [one for one in Comment.objects.select_related("parent__author", "post__author") if one.is_there]
    ties = Counter()
    for one in said:
        if one.created_at > NOW - 90 * DAY and viewer in (one.author, met(one)):
            ties.update({one.author, met(one)} - {viewer})
    seen = [post for post in Post.objects.all() if post.is_there and access.sees(viewer, post)]
    mine = set(viewer.circle_memberships.values_list("circle", flat=True))
    loud = [
        post for post in seen
        if post.circle_id in mine and post.author != viewer and post.created_at > SINCE and post.comment_count
    ]  # fmt: skip
    loud.sort(key=lambda post: (post.comment_count, post.created_at, post.pk), reverse=True)
    found = []
    for post in seen:
        reasons = {}
        to_me = [
            one for one in said
            if one.post == post and met(one) == viewer and one.author != viewer and one.created_at > SINCE
        ]  # fmt: skip
        if to_me:
            reasons["answered"] = 50 + 2 * min(len(to_me), 10)
        elif any(one.at > SINCE and is_of(one, post) for one in viewer.mentions.all()):
            reasons["named"] = 45
        if post.author != viewer and post.pinned_at and post.pinned_at > SINCE:
            reasons["pinned"] = 40
        if post.author in ties and post.created_at > SINCE:
            reasons["tie"] = 20 + 2 * min(ties[post.author], 10)
        if post in loud[:12]:
            reasons["talked_about"] = 10 + min(post.comment_count, 10)
        if reasons:
            found.append((post, reasons))
    found.sort(key=lambda one: (sum(one[1].values()), one[0].created_at, one[0].pk), reverse=True)
    return found[:12]


def chosen(community, viewer):
    found = missed.of(community, viewer, since=SINCE, at=NOW)
    return [(one.post, {reason.kind: reason.weight for reason in one.reasons}) for one in found]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_choice_is_that_of_who_reads_everything(community, seed):
    dice = random.Random(seed)
    people = [make.member(community, name=f"P{n}") for n in range(6)]
    viewer = people[0]
    rooms = [
        a_circle(community, f"C{n}", people if n < 2 else people[1:], kind=kind)
        for n, kind in enumerate(["open", "closed", "open", "closed", "open"])
    ]
    Circle.objects.filter(pk=rooms[4].pk).update(kind="secret")

    def some_time():
        return NOW - timedelta(minutes=dice.randrange(1, 20 * 24 * 60))

    for _n in range(40):
        at = some_time()
        flags = {
            "hidden_at": at if dice.random() < 0.1 else None,
            "pinned_at": at if dice.random() < 0.1 else None,
        }
        post = a_post(dice.choice(rooms), dice.choice(people), at, **flags)
        if post.author != viewer and dice.random() < 0.3:
            Mention.objects.create(post=post, member=viewer, at=at)
        made = []
        for _m in range(dice.randrange(6)):
            at = min(NOW, at + timedelta(minutes=dice.randrange(3000)))
            gone = at if dice.random() < 0.1 else None
            parent = dice.choice([*made, None])
            made.append(a_comment(post, dice.choice(people), at, parent, removed_at=gone))
            if made[-1].author != viewer and dice.random() < 0.1:
                Mention.objects.create(comment=made[-1], member=viewer, at=at)
    found = chosen(community, viewer)
    assert found and found == by_reading_everything(community, viewer)


def test_each_says_in_words_why_it_is_shown(community):
    ada, bo, cy = (make.member(community, name=name) for name in ("Ada", "Bo", "Cy"))
    owls = a_circle(community, "Owls", [ada, bo, cy])
    mine = a_post(owls, ada, NOW - 20 * DAY)
    a_comment(mine, bo, NOW - 2 * DAY)
    a_comment(mine, cy, NOW - DAY)
    a_post(owls, bo, NOW - DAY, pinned_at=NOW - DAY)
    other = a_post(owls, make.member(community, name="Di"), NOW - DAY)
    a_comment(other, bo, NOW - DAY)
    Mention.objects.create(comment=a_comment(other, cy, NOW - DAY), member=ada, at=NOW - DAY)
    said = [
        [reason.words for reason in one.reasons] for one in missed.of(community, ada, since=SINCE, at=NOW)
    ]
    assert said == [
        ["Pinned by those who keep order in the circle.", "You and Bo answered one another once lately."],
        ["Cy named you.", "2 answers: one of the most talked about in your circles."],
        ["Cy and 1 other answered you."],
    ]


def test_from_when_on_something_was_missed():
    assert missed.since_for(None, NOW) == NOW - 7 * DAY
    assert missed.since_for(NOW - 4 * DAY, NOW) == NOW - 4 * DAY
    assert missed.since_for(NOW - 300 * DAY, NOW) == NOW - 30 * DAY
