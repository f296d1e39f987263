"""A gathering is changed as a whole: its words, its ways of coming, its hosts; or nothing of it is."""

from datetime import timedelta

import pytest

from gatherings.models import Event, GatheringRules, Ticket
from gatherings.selectors import rooms as counted
from gatherings.services import events, hosts, planning, rooms, rules, seats
from kernel import activity
from members.models import AuditEntry
from members.roles import Role
from tests import make
from tests.gatherings import holding
from tests.gatherings.services.test_events import acting, refused
from tests.make import EARLY, SITE

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    return make.community()


def ways(event):
    counted.fill([event])
    return {room.way: room.capacity for room in event.ways}


def test_places_are_more_or_fewer_but_never_fewer_than_taken(community, monkeypatch):
    event, people = holding.event(community, places=2), [make.member(community) for _n in range(2)]
    for member in people:
        seats.take(kind=holding.kind(event), member=member, at=EARLY)
    told = {"event": event, "at": EARLY, "by": SITE}
    freed = []
    monkeypatch.setitem(activity._listeners, "place.freed", [lambda room, at: freed.append(room.capacity)])
    refused("taken", rooms.settle, rooms={"in_person": 1}, **told)
    refused("taken", rooms.settle, rooms={"online": None}, **told)
    refused("no_room", rooms.settle, rooms={}, **told)
    assert ways(event) == {"in_person": 2}
    rooms.settle(rooms={"in_person": 3, "online": 5}, **told)
    rooms.settle(rooms={"in_person": 3, "online": 5}, **told)
    assert (ways(event), freed) == ({"in_person": 3, "online": 5}, [3])
    assert AuditEntry.objects.filter(action="event.changed").count() == 1
    assert (event.taken, event.left, event.places) == (2, 6, 8)


def test_a_way_that_is_closed_sells_no_more_and_opens_again(community):
    event, member = holding.event(community, rooms={"in_person": 5, "online": 5}), make.member(community)
    online = event.kinds.get(room__way="online")
    told = {"event": event, "at": EARLY, "by": SITE}
    ticket = seats.take(kind=online, member=member, at=EARLY)
    refused("taken", rooms.settle, rooms={"in_person": 5}, **told)
    seats.answer(event=event, member=member, answer="no", at=EARLY)
    rooms.settle(rooms={"in_person": 5}, **told)
    assert ways(event) == {"in_person": 5}
    refused("not_on_sale", seats.take, kind=online, member=member, at=EARLY)
    rooms.settle(rooms={"in_person": 5, "online": None}, **told)
    assert ways(event) == {"in_person": 5, "online": None}
    assert seats.take(kind=online, member=member, at=EARLY).pk != ticket.pk
    assert (event.kinds.count(), Ticket.objects.live().count()) == (2, 1)


def test_hosts_are_named_in_their_order(community, monkeypatch):
    one, other, third = (make.member(community) for _n in range(3))
    event = holding.event(community, host=one)
    told = []
    monkeypatch.setitem(activity._listeners, "host.named", [lambda member, **_given: told.append(member)])
    hosts.name(event=event, hosts=[other, one, other], at=EARLY, by=acting(one))
    assert [row.membership for row in event.hosts.order_by("position")] == [other, one]
    hosts.name(event=event, hosts=[other], at=EARLY, by=SITE)
    refused("not_allowed", hosts.name, event=event, hosts=[one], at=EARLY, by=acting(one))
    refused("nobody", hosts.name, event=event, hosts=[], at=EARLY, by=SITE)
    refused(
        "too_many",
        hosts.name,
        event=event,
        hosts=[make.member(community) for _n in range(13)],
        at=EARLY,
        by=SITE,
    )
    refused("not_member", hosts.name, event=event, hosts=[make.member(make.community())], at=EARLY, by=SITE)
    refused("not_allowed", hosts.name, event=event, hosts=[third], at=EARLY, by=acting(third))
    assert ([row.membership for row in event.hosts.all()], told) == ([other], [other])


def test_what_is_refused_in_part_is_refused_whole(community):
    host = make.member(community)
    event = holding.event(community, host=host, places=1)
    seats.take(kind=holding.kind(event), member=host, at=EARLY)
    given = {"event": event, "at": EARLY, "by": acting(host), "announce": False, "held_by": [host]}
    refused("taken", planning.change, ways={"online": 3}, title="Dinner", **given)
    assert Event.objects.get().title == "Supper"
    planning.change(ways={"in_person": 2}, title="Dinner", **given)
    assert (Event.objects.get().title, ways(event)) == ("Dinner", {"in_person": 2})


def test_a_plan_is_kept_or_announced(community):
    GatheringRules.objects.create(community=community, members_plan="yes")
    member = make.member(community)
    fields = {"title": "Walk", "starts_at": EARLY + timedelta(days=1), "ends_at": None}
    given = {"community": community, "at": EARLY, "by": acting(member), "ways": {"in_person": None}}
    kept = planning.plan(announce=False, held_by=[], **given, **fields)
    told = planning.plan(announce=True, held_by=[member], **given, **fields)
    assert (kept.state, told.state) == ("draft", "published")
    assert [row.membership for row in kept.hosts.all()] == [member]


def test_who_plans_is_said_by_who_may_say_it(community):
    manager, host = make.member(community, role=Role.MANAGER), make.member(community, role=Role.HOST)
    given = {"community": community, "at": EARLY, "members_plan": "no", "reminded_hours": 48}
    rules.save(by=acting(manager), **given)
    rules.save(by=acting(manager), **given)
    refused("no_longer_allowed", rules.save, by=acting(host), **given | {"members_plan": "yes"})
    refused("unknown", rules.save, by=acting(manager), **given | {"members_plan": "perhaps"})
    refused("unknown", rules.save, by=acting(manager), **given | {"reminded_hours": 5})
    assert (events.rules_of(community).members_plan, events.rules_of(community).reminded_hours) == ("no", 48)
    assert AuditEntry.objects.filter(action="community.gathering_rules_changed").count() == 1
