"""Gatherings from elsewhere, row by row: those that were, those that were called off, and those still to come.

A gathering is known again by its own id, or, one of ours, by its key. An empty cell says nothing: what is here stays.
Nobody is told of a new one, as of nothing that a file brings; who comes to one is told when a file moves it. A file
tells what stood at the end of the day before it was sent, and of what is over, that it stood when it began.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import prefetch_related_objects

from communities.models import Circle, Community
from communities.services import circles
from gatherings.models import Event, EventHost, Room, Ticket, TicketKind
from gatherings.models.event import EventQuerySet
from gatherings.services import event_rows, named
from gatherings.services.event_rows import CANCELLED, COLUMNS, HELD, UPCOMING, Told
from gatherings.services.events import TOLD
from kernel import access, activity, clock
from kernel.activity import Activity
from kernel.imports import CREATED, UNCHANGED, UPDATED, Job, Load, Rejected, Row, Verdict
from kernel.locks import locked
from members.models import Membership

State = Event.State
Way = Room.Way


@dataclass
class Known:
    """An event that is here with its rooms, hosts and how many places are taken, as this import leaves it."""

    event: Event
    rooms: dict[str, Room]
    hosts: set[int]
    taken: dict[str, int]


class EventLoad(Load):
    def __init__(self, job: Job) -> None:
        self.job = job
        self.community = Community.objects.get(pk=job.community.id)
        #: The last instant of the day before.
        today = clock.local_day(job.at, self.community.zone)
        self.before = clock.day_start(today, self.community.zone) - timedelta(microseconds=1)

    def take(self, rows: Sequence[Row]) -> list[Verdict]:
        hosts = named.members(self.community.pk, (row.cells.get("host", "") for row in rows))
        told: dict[int, Told] = {}
        verdicts: dict[int, Verdict] = {}
        for place, row in enumerate(rows):
            try:
                told[place] = event_rows.read(row, hosts=hosts, zone=self.community.zone, at=self.job.at)
            except Rejected as rejected:
                verdicts[place] = Verdict.of(rejected)
        known = self._known([one.name for one in told.values()])
        rounds = self._circles(told.values())
        writing = _Writing(self.community, self.job.at)
        for place, one in told.items():
            try:
                verdicts[place] = self._take(one, known, rounds.get(one.circle.casefold()), writing)
            except Rejected as rejected:
                verdicts[place] = Verdict.of(rejected)
        writing.finish()
        return [verdicts[place] for place in range(len(rows))]

    # --- what is here -------------------------------------------------------------------------------

    def _known(self, names: Sequence[str]) -> dict[str, Known]:
        """The events that rows name, locked, by what they name them."""
        found: dict[str, Known] = {}
        rows = of_names(self.community.pk, names)
        events = {one.pk: one for one in locked(rows.order_by("pk"))}
        prefetch_related_objects(list(events.values()), "circle")
        rooms = Room.objects.filter(event__in=events)
        hosts = EventHost.objects.filter(event__in=events)
        taken: dict[int, dict[str, int]] = {}
        tickets = Ticket.objects.live().filter(event__in=events)
        for event_id, way in tickets.values_list("event", "room__way"):
            of_event = taken.setdefault(event_id, {})
            of_event[way] = of_event.get(way, 0) + 1
        for pk, event in events.items():
            known = Known(event, {}, set(), taken.get(pk, {}))
            found[str(event.key)] = known
            if event.external_id is not None:
                found[event.external_id] = known
        by_event = {known.event.pk: known for known in found.values()}
        for room in rooms:
            by_event[room.event_id].rooms[room.way] = room
        for pk, member in hosts.values_list("event", "membership"):
            by_event[pk].hosts.add(member)
        return found

    def _circles(self, told: Iterable[Told]) -> dict[str, Circle]:
        """The circles that rows name, opened where they are not here yet; those of an address, where no name is theirs."""
        named = {one.circle.casefold(): one.circle for one in told if one.circle}
        if not named:
            return {}
        by = self.job.by
        here = Circle.objects.of(self.community.pk).order_by("-position", "-id")
        seen = access.visible(here, by.membership) if by.membership else here.exclude(kind=Circle.Kind.SECRET)
        found = {one.slug: one for one in seen}
        found |= {one.name.casefold(): one for one in seen}
        for key in sorted(named.keys() - found.keys()):
            found[key] = circles.open_named(community=self.community, name=named[key], at=self.job.at, by=by)
        return found

    # --- what becomes of it -------------------------------------------------------------------------

    def _take(
        self, told: Told, known: dict[str, Known], circle: Circle | None, writing: "_Writing"
    ) -> Verdict:
        if circle is not None:
            told.fields["circle"] = circle
        here = known.get(told.name)
        if here is None:
            known[told.name] = writing.new(told, self._made(told))
            return CREATED
        if here.event.pk is not None and not self._is_seen(here.event):
            raise Rejected("hidden_event", column="event")
        return UPDATED if self._change(told, here, writing) else UNCHANGED

    def _is_seen(self, event: Event) -> bool:
        by = self.job.by.membership
        if by is not None:
            return access.sees(by, event)
        return event.circle is None or event.circle.kind != Circle.Kind.SECRET

    def _made(self, told: Told) -> Event:
        known_at = min(told.fields["starts_at"], self.before)
        return Event(
            community=self.community,
            external_id=told.name,
            state=State.CANCELLED if told.status == CANCELLED else State.PUBLISHED,
            told_held={HELD: True, UPCOMING: False, CANCELLED: False}.get(told.status),
            currency=self.community.currency,
            planned_at=self.job.at,
            changed_at=self.job.at,
            published_at=known_at,
            cancelled_at=known_at if told.status == CANCELLED else None,
            **({"timezone": self.community.timezone} | told.fields),
        )

    def _change(self, told: Told, here: Known, writing: "_Writing") -> bool:
        event = here.event
        fields = {name: value for name, value in told.fields.items() if getattr(event, name) != value}
        ends = fields.get("ends_at", event.ends_at)
        if ends is not None and ends <= fields.get("starts_at", event.starts_at):
            raise Rejected("ends_before", column="starts_at")
        circle = fields.get("circle", event.circle)
        if circle and circle.kind == Circle.Kind.SECRET and event.audience == Event.Audience.PUBLIC:
            raise Rejected("of_everybody", column="circle")
        fields |= self._status(told, here)
        rooms = self._rooms(told, here)
        changed = bool(fields or rooms)
        if told.host is not None and told.host.pk not in here.hosts:
            writing.host(here, told.host)
            changed = True
        if not changed:
            return False
        writing.change(here, fields, rooms)
        return True

    def _status(self, told: Told, here: Known) -> dict[str, Any]:
        """The fields that the row's status changes. What was called off stays so, unless the file says that it was held;
        what the clock says needs no word of a file."""
        event = here.event
        over = event.over_at <= self.job.at
        if told.status == HELD:
            if event.state == State.PUBLISHED and (event.told_held or (event.told_held is None and over)):
                return {}
            return {"state": State.PUBLISHED, "told_held": True, "cancelled_at": None}
        if told.status == CANCELLED and event.state != State.CANCELLED:
            if any(here.taken.values()):
                raise Rejected("people_come", column="status")
            at = min(told.fields["starts_at"], self.before)
            return {"state": State.CANCELLED, "told_held": False, "cancelled_at": at}
        if told.status == UPCOMING and event.state == State.PUBLISHED and over and event.told_held is None:
            return {"told_held": False}
        return {}

    def _rooms(self, told: Told, here: Known) -> list[Room]:
        """The rooms that there have to be more, or with other bounds."""
        ways = told.ways or [Way(way) for way in here.rooms] or [Way.IN_PERSON]
        found = [Room(event=here.event, way=way) for way in ways if way not in here.rooms]
        if told.capacity is None:
            return found
        # How many there are is said of the place, where there is one.
        first = min([*ways, *here.rooms])
        room = here.rooms.get(first) or next(one for one in found if one.way == first)
        if room.capacity != told.capacity:
            taken = here.taken.get(first, 0)
            if taken > told.capacity:
                raise Rejected("places_taken", column="capacity", taken=taken)
            room.capacity = told.capacity
            found = [*found, room]
        return found


class _Writing:
    """What this portion of rows makes and changes, written at once at its end."""

    def __init__(self, community: Community, at: datetime) -> None:
        self.community, self.at = community, at
        self.made: list[Known] = []
        self.changed: dict[int, Known] = {}
        self.names: set[str] = set()
        #: Rooms that are new or have another bound, by what they are in memory: new ones have no key yet.
        self.rooms: dict[int, Room] = {}
        self.hosts: list[EventHost] = []
        self.moved: dict[int, tuple[set[str], dict[str, Any]]] = {}

    def new(self, told: Told, event: Event) -> Known:
        known = Known(event, {}, set(), {})
        for place, way in enumerate(told.ways or [Way.IN_PERSON]):
            known.rooms[way] = Room(event=event, way=way, capacity=None if place else told.capacity)
        self.rooms |= {id(room): room for room in known.rooms.values()}
        self.made.append(known)
        if told.host is not None:
            self.host(known, told.host)
        return known

    def host(self, known: Known, member: Membership) -> None:
        self.hosts.append(EventHost(event=known.event, membership=member, position=len(known.hosts)))
        known.hosts.add(member.pk)
        self._touch(known)

    def change(self, known: Known, fields: dict[str, Any], rooms: list[Room]) -> None:
        event = known.event
        told = TOLD & fields.keys()
        if event.pk is not None and told and event.is_standing and event.starts_at > self.at:
            names, before = self.moved.setdefault(event.pk, (set(), {}))
            names |= told
            for name in told:
                before.setdefault(name, getattr(event, name))
        for name, value in fields.items():
            setattr(event, name, value)
        event.changed_at = self.at
        event.revision += bool(told)
        self.names |= fields.keys()
        for room in rooms:
            known.rooms[room.way] = room
            self.rooms[id(room)] = room
        self._touch(known)

    def _touch(self, known: Known) -> None:
        if known.event.pk is not None:
            self.changed[known.event.pk] = known

    def finish(self) -> None:
        new = Event.objects.bulk_create(known.event for known in self.made)
        changed = [known.event for known in self.changed.values()]
        if self.names:
            Event.objects.bulk_update(changed, [*self.names, "changed_at", "revision"], batch_size=500)
        known_rooms = {room.pk: room for room in self.rooms.values() if room.pk is not None}
        rooms = Room.objects.bulk_create(room for room in self.rooms.values() if room.pk is None)
        Room.objects.bulk_update(known_rooms.values(), ["capacity"])
        TicketKind.objects.bulk_create(TicketKind(event=room.event, room=room) for room in rooms)
        EventHost.objects.bulk_create(self.hosts)
        self._publish()
        for pk, (names, before) in sorted(self.moved.items()):
            event = self.changed[pk].event
            if event.is_standing:
                activity.announce(
                    "event.changed", event=event, fields=sorted(names), before=before, at=self.at
                )
        if new or changed:
            activity.announce("gatherings.told", community_id=self.community.pk)

    def _was_held(self, event: Event) -> bool:
        return event.over_at <= self.at if event.told_held is None else event.told_held

    def _publish(self) -> None:
        """Who held a gathering has hosted it, at its beginning. What is a fact already stays one."""
        held = [
            known.event
            for known in (*self.made, *self.changed.values())
            if known.event.is_standing and self._was_held(known.event)
        ]
        rows = EventHost.objects.filter(event__in=held).select_related("membership").order_by("event", "id")
        by_key = {event.pk: event for event in held}
        activity.publish(*(hosted(by_key[row.event_id], row.membership) for row in rows))


def of_names(community_id: int, names: Iterable[str]) -> EventQuerySet:
    """The events of these own ids, or keys."""
    names = list(names)
    keys = [key for key in map(_key, names) if key is not None]
    here = Event.objects.of(community_id)
    return here.filter(external_id__in=names) | here.filter(key__in=keys)


def hosted(event: Event, host: Membership) -> Activity:
    """The fact that somebody held a gathering, when it began."""
    return Activity(
        community_id=event.community_id,
        member=host.number,
        verb="hosted",
        at=event.starts_at,
        object_kind="event",
        object_id=str(event.key),
        circle_id=event.circle_id,
        staff=host.is_staff,
        dedupe=f"hosted:{event.key}:{host.number}",
    )


def _key(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None


__all__ = ["COLUMNS", "EventLoad", "hosted", "of_names"]
