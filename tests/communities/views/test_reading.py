"""What is new is shown, and read by opening it, as members do it."""

from datetime import timedelta

import pytest
from django.test import Client

from communities.models import Circle, CircleMembership, ThreadRead
from communities.selectors import talk
from communities.services import circles, comments, posts
from kernel.clock import now
from tests import make

pytestmark = pytest.mark.django_db

ROOT = "/c/lantern/"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def circle(settings):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    community = make.community("lantern")
    Circle.objects.of(community.pk).delete()
    return circles.create(community=community, name="Owls", at=make.EARLY, by=make.SITE)


def inside(circle, name):
    member = make.member(circle.community, name=name)
    circles.put_in(circle=circle, membership=member, at=make.EARLY, by=make.SITE)
    return member


@pytest.fixture
def ada(circle):
    return inside(circle, "Ada")


@pytest.fixture
def bo(circle):
    return inside(circle, "Bo")


@pytest.fixture
def begun():
    return now() - 100 * MINUTE


@pytest.fixture
def post(circle, ada, begun):
    return posts.write(circle=circle, author=ada, body="Hello", at=begun)


def visitor(member):
    client = Client()
    client.force_login(member.user)
    return client


def place(post):
    return f"{ROOT}posts/{post.key}/"


def told(client, path):
    return " ".join(client.get(path).content.decode().split())


def until(member):
    return ThreadRead.objects.get(membership=member).until


def test_what_is_new_is_told_until_it_is_opened(ada, bo, post, begun):
    client = visitor(bo)
    for path in ("posts/", "circles/owls/"):
        assert "</span>New</span>" in told(client, f"{ROOT}{path}")
    for path in ("circles/", ""):
        assert "1 with news" in told(client, f"{ROOT}{path}")
    client.get(place(post))
    comments.write(post=post, author=ada, body="Anyone?", at=begun + MINUTE)
    assert "1 new" in told(client, f"{ROOT}posts/")
    page = told(client, place(post))
    assert "New since you were here" in page and "1 new since you were here" in page
    assert until(bo) == begun + MINUTE
    assert "New since you were here" not in told(client, place(post))


@pytest.mark.parametrize("headers", [{"hx-request": "true"}, {"sec-purpose": "prefetch;prerender"}])
def test_a_program_that_asks_by_itself_has_not_read(bo, post, headers):
    assert visitor(bo).get(place(post), headers=headers).status_code == 200
    assert not ThreadRead.objects.exists()


def test_a_long_thread_opens_where_something_is_new_and_is_read_page_by_page(
    monkeypatch, ada, bo, post, begun
):
    monkeypatch.setattr(talk, "COMMENTS", 3)
    made = [comments.write(post=post, author=ada, body=f"{n}", at=begun + n * MINUTE) for n in range(1, 9)]
    client = visitor(bo)
    pages = [client.get(place(post)).context["thread"] for _visit in range(4)]
    assert [page.comments for page in pages] == [made[:3], made[3:6], made[6:], made[:3]]
    assert until(bo) == made[-1].created_at
    assert client.get(f"{place(post)}?page=99").context["thread"].comments == made[6:]
    assert client.get(f"{place(post)}?comment={made[4].key}").context["thread"].comments == made[3:6]
    assert "Page 2 of 3" in told(client, f"{place(post)}?comment={made[4].key}")


def test_all_counts_as_read_that_was_there_when_the_page_was_opened(circle, ada, bo, post, begun):
    client = visitor(bo)
    opened = client.get(f"{ROOT}posts/").context["until"]
    later = posts.write(circle=circle, author=ada, body="Later", at=opened + MINUTE)
    answer = client.post(f"{ROOT}posts/read/", {"until": opened.isoformat()})
    assert (answer.status_code, answer["Location"]) == (302, f"{ROOT}posts/")
    assert CircleMembership.objects.get(membership=bo).read_until == opened
    assert [bool(one.news) for one in client.get(f"{ROOT}posts/").context["page"].rows] == [True, False]
    assert client.get(f"{ROOT}posts/").context["page"].rows == [later, post]


@pytest.mark.parametrize("until", ["", "x", "2026-01-01", "9999-12-31T23:59:59+00:00", "\x00"])
def test_a_made_up_instant_is_this_one(bo, post, until):
    visitor(bo).post(f"{ROOT}posts/read/", {"until": until, "circle": "owls"})
    assert now() - CircleMembership.objects.get(membership=bo).read_until < MINUTE


def test_a_circle_that_one_does_not_see_cannot_be_read(circle, ada):
    hush = circles.create(community=circle.community, name="Hush", at=make.EARLY, by=make.SITE)
    Circle.objects.filter(pk=hush.pk).update(kind="secret")
    for slug in ("hush", "nowhere", "\x00x"):
        assert visitor(ada).post(f"{ROOT}posts/read/", {"circle": slug}).status_code == 404
