"""What is new to a member since they were here."""

from datetime import timedelta

import pytest

from communities.models import Circle, CircleMembership, ThreadRead
from communities.selectors import unread
from communities.services import circles, comments, posts, reading
from tests import make
from tests.make import EARLY, SITE

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def circle():
    community = make.community("lantern")
    Circle.objects.of(community.pk).delete()
    return circles.create(community=community, name="Owls", at=EARLY, by=SITE)


def inside(circle, name=""):
    member = make.member(circle.community, name=name)
    circles.put_in(circle=circle, membership=member, at=EARLY, by=SITE)
    return member


@pytest.fixture
def ada(circle):
    return inside(circle, "Ada")


@pytest.fixture
def bo(circle):
    return inside(circle, "Bo")


def post(circle, author, hours=1, body="Hello"):
    return posts.write(circle=circle, author=author, body=body, at=EARLY + hours * HOUR)


def comment(post, author, hours, body="Yes", **more):
    return comments.write(post=post, author=author, body=body, at=EARLY + hours * HOUR, **more)


def news(post, viewer, hours=100):
    """(whether all of it is new, how many comments), None where the viewer does not follow it."""
    found = unread.of_posts([post], viewer, EARLY + hours * HOUR).get(post.pk)
    return None if found is None else (found.whole, found.comments.n)


def in_circle(circle, viewer, hours=100):
    found = unread.of_circles(viewer, EARLY + hours * HOUR).get(circle.pk)
    return found.n if found else 0


def test_a_post_is_new_until_it_is_read_and_then_what_others_write_below_it(circle, ada, bo):
    one = post(circle, ada)
    assert (news(one, bo), in_circle(circle, bo)) == ((True, 0), 1)
    assert (news(one, ada), in_circle(circle, ada)) == ((False, 0), 0)
    reading.read(post=one, membership=bo, until=EARLY + HOUR)
    assert (news(one, bo), in_circle(circle, bo)) == ((False, 0), 0)
    comment(one, ada, 2)
    gone = comment(one, ada, 3)
    assert (news(one, bo), in_circle(circle, bo)) == ((False, 2), 1)
    comments.remove(comment=gone, author=ada, at=EARLY + 4 * HOUR)
    assert news(one, bo) == (False, 1)


def test_who_answers_has_read(circle, ada, bo):
    one = post(circle, ada)
    comment(one, ada, 2)
    comment(one, bo, 3)
    one.refresh_from_db()
    assert (news(one, bo), in_circle(circle, bo)) == ((False, 0), 0)
    assert (news(one, ada), in_circle(circle, ada)) == ((False, 1), 1)


def test_outside_one_s_circles_a_thread_is_followed_once_it_was_opened(circle, ada):
    one, other = post(circle, ada), make.member(circle.community)
    assert (news(one, other), in_circle(circle, other)) == (None, 0)
    reading.read(post=one, membership=other, until=EARLY + HOUR)
    comment(one, ada, 2)
    assert (news(one, other), in_circle(circle, other)) == ((False, 1), 0)


def test_what_was_there_before_one_came_in_is_not_new(circle, ada):
    one = post(circle, ada)
    late = make.member(circle.community)
    circles.put_in(circle=circle, membership=late, at=EARLY + 5 * HOUR, by=SITE)
    assert (news(one, late), in_circle(circle, late)) == ((False, 0), 0)
    comment(one, ada, 6)
    assert (news(one, late), in_circle(circle, late)) == ((False, 1), 1)


def test_all_counts_as_read_and_the_marks_below_it_go(circle, ada, bo):
    one, two = post(circle, ada), post(circle, ada, 2)
    reading.read(post=one, membership=bo, until=EARLY + HOUR)
    reading.read_all(membership=bo, until=EARLY + 2 * HOUR)
    assert [news(one, bo), news(two, bo), in_circle(circle, bo)] == [(False, 0), (False, 0), 0]
    assert not ThreadRead.objects.filter(membership=bo).exists()
    comment(one, ada, 3)
    assert (news(one, bo), in_circle(circle, bo)) == ((False, 1), 1)
    reading.read_all(membership=bo, until=EARLY)
    assert CircleMembership.objects.get(membership=bo).read_until == EARLY + 2 * HOUR


def test_one_circle_read_leaves_the_others(circle, ada, bo):
    larks = circles.create(community=circle.community, name="Larks", at=EARLY, by=SITE)
    for member in (ada, bo):
        circles.put_in(circle=larks, membership=member, at=EARLY, by=SITE)
    post(circle, ada)
    post(larks, ada)
    reading.read_all(membership=bo, until=EARLY + HOUR, circle=larks)
    assert (in_circle(circle, bo), in_circle(larks, bo)) == (1, 0)


def test_a_mark_goes_forward_only(circle, ada, bo):
    one = post(circle, ada)
    for hours in (5, 3):
        reading.read(post=one, membership=bo, until=EARLY + hours * HOUR)
    assert ThreadRead.objects.get(membership=bo).until == EARLY + 5 * HOUR


def test_nothing_is_new_for_ever_and_old_marks_are_forgotten(circle, ada, bo):
    one = post(circle, ada)
    later = 24 * 90 + 2
    assert (news(one, bo, later), in_circle(circle, bo, later)) == ((False, 0), 0)
    reading.read(post=one, membership=bo, until=EARLY + HOUR)
    assert reading.forget(at=EARLY + 24 * HOUR) == 0
    assert reading.forget(at=EARLY + later * HOUR) == 1


def test_more_than_one_would_count_is_told_as_so_many(circle, ada, bo, monkeypatch):
    monkeypatch.setattr(unread, "MOST", 2)
    one = post(circle, ada)
    reading.read(post=one, membership=bo, until=EARLY + HOUR)
    for hours in (2, 3, 4, 5):
        comment(one, ada, hours)
    assert str(unread.of_posts([one], bo, EARLY + 9 * HOUR)[one.pk].comments) == "2+"


def test_a_hidden_post_and_what_lies_below_it_is_not_new(circle, ada, bo):
    one = post(circle, ada)
    posts.hide(post=one, reason="Rude", at=EARLY + 2 * HOUR, by=SITE)
    assert in_circle(circle, bo) == 0
