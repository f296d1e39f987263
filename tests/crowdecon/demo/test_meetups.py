"""A demo community meets: each week since three months, with who came, and next weeks, with who says yes."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from crowdecon.demo import meetups
from crowdecon.demo.profiles import PROFILES
from engagement.models import Fact
from gatherings.models import Attendance, Event, Series, Ticket
from members.models import Message
from members.roles import Role
from tests import make

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_all_of_them_meet():
    assert set(meetups.MEETUPS) == {profile.slug for profile in PROFILES}


@pytest.mark.django_db
@pytest.mark.parametrize("slug", ["lantern", "yunwu-tea"])
def test_how_a_demo_community_meets(slug):
    early = AT - timedelta(days=300)
    community = make.community(slug, at=early, timezone="Asia/Shanghai")
    host = make.member(community, at=early, role=Role.HOST)
    for _n in range(20):
        make.member(community, at=early)
    meetups.begin(community=community, at=AT, random=Random(1))
    events = Event.objects.of(community.pk)
    was = events.filter(starts_at__lt=AT)
    assert (Series.objects.count(), was.count(), was.exclude(state="published").count()) == (1, 12, 0)
    assert {one.starts_at.astimezone(community.zone).weekday() for one in was} == {
        meetups.MEETUPS[slug].weekday
    }
    assert set(events.values_list("hosts__membership", flat=True)) == {host.pk}
    assert events.filter(state="cancelled").count() == 1 and events.filter(audience="public").count() == 1
    came = Attendance.objects.filter(came_at__isnull=False)
    assert 40 < came.count() < Attendance.objects.filter(answer="yes").count()
    # What somebody did is a fact of that day, and none is told of what is to come.
    assert Fact.objects.filter(verb="hosted", member=host.number).count() == 12
    assert Fact.objects.filter(object_kind="event", target=host.number).count() == came.count()
    assert Fact.objects.order_by("-occurred_at").first().occurred_at <= AT
    assert max(Ticket.objects.values_list("made_at", flat=True)) <= AT
    assert not Message.objects.filter(community=community, kind__startswith="event").exists()
