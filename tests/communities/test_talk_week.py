"""What the weekly digest tells of talk: the most answered of what its reader may read, by others."""

from datetime import timedelta

import pytest

from communities.models import Circle
from communities.services import circles, comments, posts
from communities.talk_week import most_answered
from kernel.digests import Week
from tests import make
from tests.make import EARLY, SITE

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


def test_the_most_answered_that_one_may_read_and_has_not_begun(django_assert_num_queries):
    community = make.community("lantern")
    Circle.objects.of(community.pk).delete()
    ada, bo = (make.member(community, name=name, at=EARLY - 4 * WEEK) for name in ("Ada", "Bo"))
    for name, kind, inside in (("Open", "open", (ada, bo)), ("Shut", "closed", (bo,))):
        circle = circles.create(community=community, name=name, kind=kind, at=EARLY, by=SITE)
        for member in inside:
            circles.put_in(circle=circle, membership=member, at=EARLY, by=SITE)
        for n in range(1, 4):
            author = inside[0] if n == 1 else bo
            post = posts.write(circle=circle, author=author, title=f"{name} {n}", body="?", at=EARLY)
            for m in range(n):
                comments.write(post=post, author=bo, body=f"{m}", at=EARLY + timedelta(hours=m))
    hidden = posts.write(circle=Circle.objects.get(name="Open"), author=bo, title="Gone", body="?", at=EARLY)
    comments.write(post=hidden, author=bo, body="x", at=EARLY)
    posts.hide(post=hidden, reason="x", at=EARLY, by=SITE)
    told = most_answered(Week(community, EARLY, EARLY + WEEK))
    with django_assert_num_queries(1):
        found = told(ada)
    assert found.title == "Most talked about"
    assert [line.text for line in found.lines] == ["Open 3 (Open, 3 answers)", "Open 2 (Open, 2 answers)"]
    assert [line.text for line in told(bo).lines] == ["Open 1 (Open, 1 answer)"]
    assert most_answered(Week(community, EARLY + WEEK, EARLY + 2 * WEEK))(ada) is None


def test_a_thread_without_a_title_names_members_by_what_they_are_called():
    circle = Circle.objects.of(make.community("lantern").pk)[0]
    ada, bo = (make.member(circle.community, name=name, at=EARLY - 4 * WEEK) for name in ("Ada", "Bo"))
    for member in (ada, bo):
        circles.put_in(circle=circle, membership=member, at=EARLY, by=SITE)
    post = posts.write(circle=circle, author=ada, body=f"Does @#{bo.number} know **why**?", at=EARLY)
    comments.write(post=post, author=bo, body="I do", at=EARLY)
    (line,) = most_answered(Week(circle.community, EARLY, EARLY + WEEK))(bo).lines
    assert line.text == f"Does @Bo know why? ({circle}, 1 answer)"
