"""Whom somebody has met: at small gatherings, as far as the reader may know of the gathering and of the other."""

from datetime import timedelta

import pytest

from communities.models import Circle, CircleMembership
from gatherings.models import Attendance, Event
from gatherings.selectors import met
from kernel.clock import now
from members.models import Membership
from tests import api, make
from tests.gatherings import holding
from tests.gatherings.views.test_events import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    return make.community("lantern", at=now() - timedelta(days=90))


@pytest.fixture
def ada(community):
    return make.member(community, name="Ada Keeper")


def came(community, days, *members, **fields):
    at = now() - timedelta(days=days)
    before = at - timedelta(days=1)
    event = holding.event(community, at=before, starts_at=at, ends_at=None, **fields)
    Attendance.objects.bulk_create([Attendance(event=event, membership=one, came_at=at) for one in members])
    return event


def names(member, viewer=None, **asked):
    people, _more = met.by(member, viewer or member, **asked)
    return [(one.member.name, one.times, one.last.title) for one in people]


def test_who_came_to_the_same_is_met_most_often_first(community, ada):
    bo, cy = make.member(community, name="Bo"), make.member(community, name="Cy")
    came(community, 9, ada, bo, title="Supper")
    came(community, 8, ada, bo, cy, title="Walk")
    late = came(community, 7, ada, cy, bo, title="Chess")
    came(community, 6, bo, cy, title="Without her")
    Attendance.objects.filter(event=late, membership=bo).update(came_at=None, answer="yes")
    assert names(ada) == [("Cy", 2, "Chess"), ("Bo", 2, "Walk")]
    assert (names(ada, shown=1), met.by(ada, ada, shown=1)[1]) == ([("Cy", 2, "Chess")], True)
    assert names(bo, cy) == [("Cy", 2, "Without her"), ("Ada Keeper", 2, "Walk")]


def test_where_too_many_came_nobody_was_met(community, ada, monkeypatch):
    assert met.MOST == 30
    monkeypatch.setattr(met, "MOST", 3)
    event = came(community, 5, ada, *(make.member(community) for _n in range(2)))
    assert len(names(ada)) == 2
    Attendance.objects.create(event=event, membership=make.member(community), came_at=event.starts_at)
    assert met.by(ada, ada) == ([], False)


def test_each_reader_is_told_what_they_may_know(community, ada):
    bo, reader = make.member(community, name="Bo"), make.member(community)
    circle = Circle.objects.create(community=community, slug="s", name="S", kind=Circle.Kind.SECRET)
    for one in (ada, bo):
        CircleMembership.objects.create(circle=circle, membership=one, joined_at=now())
    secret = came(community, 5, ada, bo, circle=circle)
    assert (names(ada), names(ada, reader)) == ([("Bo", 1, "Supper")], [])
    Event.objects.filter(pk=secret.pk).update(circle=None)
    assert names(ada, reader) == [("Bo", 1, "Supper")]
    for hidden in ({"listed": False}, {"status": "left"}, {"user": None}):
        was = Membership.objects.filter(pk=bo.pk).values(*hidden).get()
        Membership.objects.filter(pk=bo.pk).update(**hidden)
        assert names(ada, reader) == names(ada) == []
        Membership.objects.filter(pk=bo.pk).update(**was)
    Event.objects.filter(pk=secret.pk).update(state="cancelled")
    assert names(ada, reader) == []


def test_the_page_costs_as_much_for_many(community, ada, django_assert_num_queries):
    others = [make.member(community, name=f"Other {n}") for n in range(3)]
    came(community, 5, ada, others[0])
    with django_assert_num_queries(2):
        assert len(names(ada)) == 1
    came(community, 4, ada, *others)
    with django_assert_num_queries(2):
        assert len(names(ada)) == 3
    for path in (f"people/{ada.number}/", "me/"):
        page = client_of(ada).get(f"/c/lantern/{path}").content.decode()
        assert "Other 0" in page and "2 gatherings" in page, path


def test_a_person_asks_the_api(community, ada):
    bo = make.member(community, name="Bo")
    event = came(community, 5, ada, bo)
    path = f"/api/v1/communities/lantern/people/{ada.number}/met/"
    told = {
        "number": bo.number,
        "name": "Bo",
        "gatherings": 1,
        "last_event": str(event.key),
        "last_title": "Supper",
    }
    at = event.starts_at.isoformat().replace("+00:00", "Z")
    assert client_of(bo).get(path).json() == {"people": [], "more": False} | {
        "people": [told | {"number": bo.number, "last_at": at}]
    }
    assert api.Program(community).get(f"people/{ada.number}/met/").status_code == 403
    Membership.objects.filter(pk=ada.pk).update(listed=False)
    assert client_of(bo).get(path).status_code == 404
