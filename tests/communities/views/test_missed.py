"""Coming back: what was missed, at home and on its page, for people and over the API."""

from datetime import timedelta

import pytest
from django.test import Client

from communities.models import Circle
from communities.services import circles, comments, posts
from engagement.services import presence
from kernel import visits
from kernel.clock import now
from tests import api, make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ROOT = "/c/lantern/"
API = "/api/v1/communities/lantern/missed/"


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


def answered(circle, ada, many=1):
    for n in range(many):
        post = posts.write(circle=circle, author=ada, body=f"Question {n}", at=now() - 9 * DAY)
        comments.write(post=post, author=inside(circle, f"Bo {n}"), body="Yes", at=now() - DAY)


def visitor(member):
    client = Client()
    client.force_login(member.user)
    return client


@pytest.mark.parametrize(("days", "told"), [(2, False), (4, True)])
def test_who_was_away_for_days_is_told_at_home(circle, ada, days, told):
    answered(circle, ada)
    presence.note_visit(membership=ada, at=now() - days * DAY)
    page = visitor(ada).get(ROOT).content.decode()
    assert ("You were away for 4 days" in page, "Bo 0 answered you." in page) == (told, told)


def test_the_page_tells_since_the_last_visit_or_of_so_many_days(circle, ada):
    answered(circle, ada)
    presence.note_visit(membership=ada, at=now() - timedelta(hours=36))
    client = visitor(ada)
    for asked, found in (("", 1), ("?days=7", 1), ("?days=x", 1), ("?days=30", 1), ("?days=9999999", 1)):
        assert len(client.get(f"{ROOT}missed/{asked}").context["missed"]) == found
    comments.write(post=ada.posts.get(), author=inside(circle, "Cy"), body="Too", at=now() - 5 * DAY)
    words = client.get(f"{ROOT}missed/?days=7").context["missed"][0].reasons[0].words
    assert words == "Bo 0 and 1 other answered you."


def test_today_is_no_visit_before(ada):
    assert visits.last_before(ada, now()) is None
    for days in (0, 3, 5):
        presence.note_visit(membership=ada, at=now() - days * DAY)
    assert (now() - visits.last_before(ada, now())).days == 3


def test_the_api_tells_the_same_to_the_person(circle, ada):
    answered(circle, ada)
    client = api.browser(ada.user)
    told = client.get(f"{API}?days=7").json()["results"]
    assert [(one["post"]["body"], one["reasons"]) for one in told] == [
        ("Question 0", [{"kind": "answered", "words": "Bo 0 answered you."}])
    ]
    assert client.get(f"{API}?days=31").status_code == 400
    assert api.Program(circle.community).get("missed/").status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
def test_the_same_queries_for_one_and_for_three(circle, ada, rows, django_assert_num_queries):
    answered(circle, ada, rows)
    client = visitor(ada)
    client.get(f"{ROOT}circles/")
    with django_assert_num_queries(10):
        client.get(f"{ROOT}missed/")
