"""Gatherings are planned, announced, changed and cancelled by whom they may be, and by nobody else."""

from datetime import timedelta

import pytest

from communities.models import Circle, CircleMembership
from gatherings.models import Event, GatheringRules
from gatherings.services import events
from kernel.errors import Refused
from members.actors import Actor
from members.models import AuditEntry
from members.roles import Role, Status
from tests import make
from tests.gatherings import holding
from tests.make import EARLY, SITE

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    return make.community()


def acting(member):
    return Actor.person(member.user, member)


def refused(code, work, /, **named):
    with pytest.raises(Refused) as refusal:
        work(**named)
    assert refusal.value.code == code


def log():
    return list(
        AuditEntry.objects.filter(object_kind="event").order_by("pk").values_list("action", flat=True)
    )


def test_a_host_plans_and_announces(community):
    host = make.member(community, role=Role.HOST)
    event = holding.event(community, by=acting(host), rooms={"in_person": 30, "online": None})
    assert (event.state, event.published_at, event.revision) == ("published", EARLY, 0)
    assert [(room.way, room.capacity) for room in event.rooms.all()] == [("in_person", 30), ("online", None)]
    assert [(kind.price, kind.guest_price) for kind in event.kinds.all()] == [(0, None), (0, None)]
    assert [one.membership for one in event.hosts.all()] == [host]
    assert log() == ["event.planned", "event.published"]


def test_a_member_proposes_and_the_staff_decide(community):
    member, staff = make.member(community), make.member(community, role=Role.MANAGER)
    event = holding.event(community, by=acting(member))
    assert event.state == "proposed"
    refused("reason", events.decide, event=event, agrees=False, at=EARLY, by=acting(staff))
    declined = events.decide(event=event, agrees=False, reason="Too late.", at=EARLY, by=acting(staff))
    assert (declined.state, declined.reason) == ("declined", "Too late.")
    refused("not_proposed", events.decide, event=event, agrees=True, at=EARLY, by=acting(staff))
    events.publish(event=event, at=EARLY, by=acting(member))
    agreed = events.decide(event=event, agrees=True, at=EARLY, by=acting(staff))
    assert (agreed.state, agreed.reason, agreed.decided_by) == ("published", "", staff)
    assert log() == [
        "event.planned", "event.proposed", "event.declined", "event.proposed", "event.published",
    ]  # fmt: skip


@pytest.mark.parametrize(("said", "state"), [("no", None), ("approved", "proposed"), ("yes", "published")])
def test_the_community_says_whether_members_plan(community, said, state):
    GatheringRules.objects.create(community=community, members_plan=said)
    member = make.member(community)
    if state is None:
        refused("not_allowed", holding.event, community=community, by=acting(member))
        assert not Event.objects.exists()
    else:
        assert holding.event(community, by=acting(member)).state == state


def test_hosts_of_a_circle_announce_in_it(community):
    circle = Circle.objects.of(community.pk).first()
    member = make.member(community)
    CircleMembership.objects.create(circle=circle, membership=member, joined_at=EARLY, is_host=True)
    GatheringRules.objects.create(community=community, members_plan="no")
    assert holding.event(community, by=acting(member), circle=circle).state == "published"
    refused("not_allowed", holding.event, community=community, by=acting(member))


def test_who_is_restricted_looks_after_nothing(community):
    host = make.member(community, role=Role.HOST)
    event = holding.event(community, by=acting(host))
    type(host).objects.filter(pk=host.pk).update(status=Status.RESTRICTED)
    refused("not_allowed", events.change, event=event, at=EARLY, by=acting(host), title="Mine")
    refused("not_allowed", events.cancel, event=event, at=EARLY, by=acting(host))
    event.refresh_from_db()
    assert (event.title, event.state) == ("Supper", "published")


def test_a_change_that_calendars_hear_of_makes_the_revision_grow(community):
    event = holding.event(community)
    later = {"starts_at": holding.THEN + timedelta(hours=1), "ends_at": None}
    assert events.change(event=event, at=EARLY, by=SITE, has_waitlist=False).revision == 0
    assert events.change(event=event, at=EARLY, by=SITE, **later).revision == 1
    assert events.change(event=event, at=EARLY, by=SITE, **later).revision == 1
    assert events.cancel(event=event, at=EARLY, by=SITE).revision == 2
    refused("cancelled", events.change, event=event, at=EARLY, by=SITE, title="Again")
    assert log() == [
        "event.planned", "event.published", "event.changed", "event.changed", "event.cancelled",
    ]  # fmt: skip


def test_fields_that_do_not_fit(community):
    secret = Circle.objects.create(community=community, slug="s", name="S", kind=Circle.Kind.SECRET)
    for code, fields in (
        ("ends_at", {"ends_at": holding.THEN - timedelta(hours=1)}),
        ("timezone", {"timezone": "Mars/Olympus"}),
        ("timezone", {"timezone": "../etc/passwd"}),
        ("audience", {"circle": secret, "audience": "public"}),
        ("no_room", {"rooms": {}}),
    ):
        refused(code, holding.event, community=community, **fields)
    owner = community.memberships.get(role=Role.OWNER)
    refused("circle", holding.event, community=community, by=acting(owner), circle=secret)
    assert not Event.objects.exists()


def test_one_that_is_over_is_neither_announced_nor_cancelled(community):
    draft, stands = holding.event(community, announced=False), holding.event(community)
    over = stands.ends_at
    refused("over", events.publish, event=draft, at=over, by=SITE)
    refused("over", events.cancel, event=stands, at=over, by=SITE)
    refused("not_announced", events.cancel, event=draft, at=EARLY, by=SITE)
