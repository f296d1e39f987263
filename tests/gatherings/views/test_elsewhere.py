"""Gatherings on pages of other apps: the face, a member's home, a circle's room, the timeline, the search."""

from datetime import timedelta

import pytest

from communities.models import Circle
from gatherings.services import door, events, seats
from kernel.clock import now
from members.roles import Role
from tests import make
from tests.gatherings import holding
from tests.gatherings.views.test_events import client_of, gathering

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    return make.community("lantern", at=now() - timedelta(days=30))


def test_what_comes_next_stands_on_the_face_and_at_home(community):
    member = make.member(community)
    gathering(community, title="Open house", audience="public")
    gathering(community, title="Our table")
    gathering(community, title="Long ago", days=-4, audience="public")
    events.cancel(event=gathering(community, title="Off", audience="public"), at=now(), by=make.SITE)
    titles = ("Open house", "Our table", "Long ago", "Off<")
    shown = [
        [title for title in titles if title in client.get("/c/lantern/").content.decode()]
        for client in (client_of(), client_of(member))
    ]
    assert shown == [["Open house"], ["Open house", "Our table"]]


def test_a_circle_s_own_stand_in_its_room(community):
    member = make.member(community)
    circle = Circle.objects.of(community.pk).first()
    gathering(community, title="Round", circle=circle)
    gathering(community, title="All of us")
    body = client_of(member).get(f"/c/lantern/circles/{circle.slug}/").content.decode()
    assert "Round" in body and "All of us" not in body


def test_the_timeline_tells_what_one_answered_and_came_to(community):
    member = make.member(community)
    staff = client_of(make.member(community, role=Role.HOST))
    event = gathering(community, days=0.1, title="Supper club")
    secret = Circle.objects.create(community=community, slug="s", name="S", kind="secret")
    hidden = gathering(community, title="Hush", circle=secret)
    seats.take(kind=holding.kind(event), member=member, at=now())
    door.check_in(event=event, member=member, at=now(), by=make.SITE)
    type(member.attendances.get()).objects.create(
        event=hidden, membership=member, answer="yes", answered_at=now()
    )
    path = f"/c/lantern/desk/members/{member.number}/timeline/?kind=gatherings"
    body = " ".join(staff.get(path).content.decode().split())
    assert body.index("Was at <a") < body.index("Said yes to <a")
    assert body.count("Supper club") == 2 and "Hush" not in body


def test_a_long_timeline_goes_on_where_it_ended(community):
    member = make.member(community)
    staff = client_of(make.member(community, role=Role.HOST))
    at = now()
    times = {"at": at - timedelta(days=9), "starts_at": at + timedelta(hours=1), "ends_at": None}
    for n in range(20):
        event = holding.event(community, title=f"No. {n:02}", **times)
        seats.take(kind=holding.kind(event), member=member, at=at)
        door.check_in(event=event, member=member, at=at, by=make.SITE)
    path, seen = f"/c/lantern/desk/members/{member.number}/timeline/?kind=gatherings", []
    while path:
        body = staff.get(path).content.decode()
        seen += [line for line in body.split("<") if "No. " in line]
        older = body.partition("before=")[2].partition('"')[0].replace("&amp;", "&")
        path = f"/c/lantern/desk/members/{member.number}/timeline/?before={older}" if older else ""
    assert len(seen) == 40


def test_the_search_finds_what_one_may_see(community):
    member = make.member(community)
    gathering(community, title="Sourdough evening", city="Basel")
    gathering(community, title="Sourdough, later", announced=False)
    body = client_of(member).get("/c/lantern/search/?q=sourdough").content.decode()
    assert "evening</a>" in body.replace("</mark>", "") or "evening" in body
    assert "later" not in body
