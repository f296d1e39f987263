"""What is new, and how far one has read, by the API as the person who asks."""

from datetime import timedelta

import pytest

from communities.models import Circle, CircleMembership, ThreadRead
from communities.services import circles, posts
from kernel.clock import now
from tests import api, make
from tests.communities.api.test_talk import ROOT, Browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def circle():
    community = make.community("lantern")
    Circle.objects.of(community.pk).delete()
    return circles.create(community=community, name="Owls", at=make.EARLY, by=make.SITE)


@pytest.fixture
def bo(circle):
    member = make.member(circle.community, name="Bo")
    circles.put_in(circle=circle, membership=member, at=make.EARLY, by=make.SITE)
    return member


@pytest.fixture
def post(circle):
    author = make.member(circle.community)
    circles.put_in(circle=circle, membership=author, at=make.EARLY, by=make.SITE)
    return posts.write(circle=circle, author=author, body="Hello", at=now() - timedelta(hours=1))


NOTHING = {"circles": []}
ONE = {"circles": [{"circle": "owls", "threads": 1, "more": False}]}


def test_a_thread_is_read_and_no_further_than_now(bo, post):
    browser = Browser(bo)
    assert browser.client.get(f"{ROOT}unread/").json() == ONE
    for until, news in (("2026-01-05T09:00:00Z", ONE), ("2999-01-01T00:00:00Z", NOTHING)):
        assert browser.send("post", f"posts/{post.key}/read/", {"until": until}).status_code == 204
        assert browser.client.get(f"{ROOT}unread/").json() == news
    assert ThreadRead.objects.get().until <= now()


def test_all_of_a_circle_is_read(bo, post):
    browser = Browser(bo)
    assert browser.send("post", "unread/", {"circle": "larks"}).status_code == 404
    assert browser.send("post", "unread/", {"until": "soon"}).status_code == 400
    assert CircleMembership.objects.get(membership=bo).read_until is None
    assert browser.send("post", "unread/", {"circle": "owls"}).status_code == 204
    assert browser.client.get(f"{ROOT}unread/").json() == NOTHING


def test_a_key_is_nobody(circle, post):
    program = api.Program(circle.community)
    assert program.get("unread/").status_code == 403
    assert program.post("unread/").status_code == 403
    assert program.post(f"posts/{post.key}/read/").status_code == 403
    assert not ThreadRead.objects.exists()
