"""Gatherings at their full size: what a month of 5,000 of them, their list, their map, one person's calendar, the figures of one
to which 5,000 came and the table of those held cost the database, with their plans. `make bench ARGS="gatherings month"` runs
a part."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from benchmarks import crowd
from benchmarks.asking import Bench, machine
from benchmarks.watching import HEAD, head, watched

#: Another number, another community: raised whenever what is made here changes.
VERSION = 2
MEMBERS, CIRCLES, EVENTS = 5_000, 40, 5_000
#: Events to which the reader comes, and tickets of the largest.
OWN, LARGEST = 200, 2_000
#: Gatherings that were held, comings to each besides the largest of them, to which everybody came; what everybody did around
#: that one, over so many days.
HELD, CAME, FACTS, DAYS = 2_000, 20, 200_000, 90


def run(parts: list[str]) -> None:
    started = time.perf_counter()
    community = made()
    print(f"{EVENTS:,} gatherings in a month, ready in {time.perf_counter() - started:.0f} s; {machine()}.")
    Bench(community, reader(community)).run(PARTS, parts)


def month(bench: Bench) -> None:
    print(HEAD)
    place = f"{bench.root}events/month/"
    bench.page("the month of all", place, month=f"{begins():%Y-%m}")
    bench.page("a month of none", place, month="2031-05")


def lists(bench: Bench) -> None:
    print(HEAD)
    place = f"{bench.root}events/"
    bench.page("upcoming", place)
    bench.page("past", place, show="past")
    bench.page("one's own", place, show="mine")
    bench.page("the largest", f"{place}{largest(bench.community).key}/")
    bench.page("who comes to it", f"{place}{largest(bench.community).key}/people/")


def on_a_map(bench: Bench) -> None:
    """All 5,000 have a place of their own, or one of two hundred cities by name."""
    from django.test import Client

    print(HEAD)
    place = f"{bench.root}events/map/"
    bench.page("the map of all", place)
    bench.page("a country", place, box="44,4,50,12")
    bench.page("a town", place, box="47.5,7.5,47.6,7.7")
    bench.page("what was", place, show="past")
    member, bench.client = bench.client, Client()
    bench.page("the map to visitors", place)
    bench.client = member


def calendars(bench: Bench) -> None:
    from gatherings.services import feeds
    from kernel.clock import now

    print(HEAD)
    feed = feeds.open_own(user=bench.member.user, at=now())
    bench.page(f"a person's calendar, {OWN} events", f"/calendar/{feed.token}.ics")


def figures(bench: Bench) -> None:
    from gatherings.models import Event

    # Nothing of this is stored: what is counted is counted anew. The goals are those of a page that is looked at now and then.
    goals = {"most_queries": 30, "most_ms": 500}
    print(head(**goals))
    held = Event.objects.of(bench.community.pk)

    def page(name: str, path: str) -> None:
        bench.tell(watched(name, lambda: bench.get(f"{bench.root}{path}"), **goals))

    page(f"one to which {MEMBERS:,} came", f"events/{held.get(external_id='everybody').key}/figures/")
    page(f"one to which {CAME} came", f"events/{held.get(external_id='held 7').key}/figures/")
    page(f"the table of {HELD:,} held", "desk/events/held/?sort=-first_timers")


def begins() -> datetime:
    """The first day of the month that is to come."""
    now = datetime.now(UTC)
    return (now.replace(day=1, hour=9, minute=0, second=0, microsecond=0) + timedelta(days=32)).replace(day=1)


def made() -> Any:
    """The community with its events in the month that is to come: made anew when that month is another."""
    from django.db import transaction

    from communities.models import Community

    slug = f"gatherings-{begins():%Y-%m}-{VERSION}"
    found = Community.objects.filter(slug=slug).first()
    if found is None:
        with transaction.atomic():
            found = crowd.made(slug, MEMBERS)
            _plan(found)
            _hold(found)
    crowd.tidy()
    return found


def reader(of: Any) -> Any:
    """One of the staff, who stands at every door, in the first circles."""
    from members.models import Membership

    return Membership.objects.of(of.pk).select_related("user").get(role="owner")


def largest(of: Any) -> Any:
    from gatherings.models import Event

    return Event.objects.of(of.pk).get(external_id="0")


def _somewhere(n: int) -> dict[str, Any]:
    """Most have a place of their own, around the largest cities of the world; every fifth only says its city."""
    from kernel import gazetteer

    city = gazetteer.largest(200)[n * 7 % 200]
    said = {"city": city.name, "country": city.country}
    if n % 5 == 0:
        return said
    north, east = (n * 37 % 101 - 50) / 90, (n * 53 % 103 - 51) / 90
    return {**said, "latitude": city.latitude + north, "longitude": city.longitude + east}


def _plan(community: Any) -> None:
    from communities.models import Circle, CircleMembership
    from gatherings.models import Attendance, Event, Room, Ticket, TicketKind
    from members.models import Membership

    at = datetime.now(UTC)
    circles = Circle.objects.bulk_create(
        Circle(
            community=community,
            slug=f"house-{n}",
            name=f"House {n}",
            kind=("open", "closed", "secret")[n % 3],
        )
        for n in range(CIRCLES)
    )
    people = list(Membership.objects.of(community.pk).order_by("number"))
    owner = reader(community)
    CircleMembership.objects.bulk_create(
        CircleMembership(circle=circle, membership=one, joined_at=at)
        for n, circle in enumerate(circles)
        for one in {*people[n * 100 : n * 100 + 200], *([owner] if n % 2 else [])}
    )
    events = Event.objects.bulk_create(
        Event(
            community=community, external_id=str(n), title=f"Evening {n}", state="published" if n % 20 else "cancelled",
            audience="public" if n % 3 else "members", circle=circles[n % CIRCLES] if n % 2 else None,
            starts_at=begins() + timedelta(minutes=8 * n), ends_at=begins() + timedelta(minutes=8 * n + 120),
            timezone=("UTC", "Europe/Berlin", "Asia/Shanghai")[n % 3], currency="EUR", planned_at=at, changed_at=at,
            published_at=at, **_somewhere(n),
        )
        for n in range(EVENTS)
    )  # fmt: skip
    Event.objects.filter(pk=events[0].pk).update(state="published", circle=None)
    rooms = Room.objects.bulk_create(Room(event=one, way="in_person") for one in events)
    kinds = TicketKind.objects.bulk_create(TicketKind(event=room.event, room=room) for room in rooms)
    taken = [(kinds[0], one) for one in people[1 : LARGEST + 1]]
    taken += [(kind, owner) for kind in kinds[: OWN * 20 : 20]]
    Ticket.objects.bulk_create(
        Ticket(
            community=community, event_id=kind.event_id, room_id=kind.room_id, kind=kind, membership=one, taken_by=one,
            state="valid", currency="EUR", made_at=at, valid_at=at,
        )
        for kind, one in taken
    )  # fmt: skip
    Attendance.objects.bulk_create(
        Attendance(event_id=kind.event_id, membership=one, answer="yes", answered_at=at)
        for kind, one in taken
    )


def _hold(community: Any) -> None:
    """What was held, a month ago at the latest, and what members did around it."""
    from engagement.services import facts, rollup
    from engagement.services.identity import Row
    from gatherings.models import Attendance, Event
    from members.models import Membership

    chance, at = Random(1), datetime.now(UTC).replace(microsecond=0)
    people = list(Membership.objects.of(community.pk).order_by("number"))
    fields = {
        "community": community,
        "state": "published",
        "timezone": "UTC",
        "currency": "EUR",
        "told_held": True,
    }
    days = [45, *(50 + n % 1000 for n in range(HELD))]
    events = Event.objects.bulk_create(
        Event(
            **fields, external_id=f"held {n}" if n else "everybody", title=f"Evening past {n}",
            starts_at=at - timedelta(days=day), planned_at=at - timedelta(days=1200), changed_at=at,
            published_at=at - timedelta(days=1200),
        )
        for n, day in enumerate(days)
    )  # fmt: skip
    came = [(events[0], one) for one in people]
    came += [(event, one) for event in events[1:] for one in chance.sample(people, CAME)]
    Attendance.objects.bulk_create(
        Attendance(
            event=event, membership=one, answer="yes" if chance.random() < 0.8 else "",
            answered_at=event.starts_at - timedelta(days=2), came_at=event.starts_at,
        )
        for event, one in came
    )  # fmt: skip
    numbers, since = [one.number for one in people], at - timedelta(days=DAYS)
    rows = (
        Row(one, "messaged", since + timedelta(seconds=chance.randrange(DAYS * 86_400)), other)
        for one, other in (chance.sample(numbers, 2) for _n in range(FACTS))
    )
    facts.load(community_id=community.pk, rows=rows, at=at)
    every = [(since + timedelta(days=n)).date() for n in range(-1, DAYS + 2)]
    rollup.roll(community_id=community.pk, days=every, zone=community.zone)


PARTS: dict[str, Callable[[Any], None]] = {
    "month": month,
    "map": on_a_map,
    "lists": lists,
    "calendars": calendars,
    "figures": figures,
}
