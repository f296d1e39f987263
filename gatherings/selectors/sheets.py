"""Gatherings, and who came to them, as the files that they are read from again."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from gatherings.models import Attendance, Event, Room
from kernel import access
from members.models import Membership

EVENTS = (
    "event", "title", "starts_at", "ends_at", "timezone", "city", "latitude", "longitude", "online_url", "capacity",
    "status", "host", "circle", "rsvp_yes", "waitlist",
)  # fmt: skip
ATTENDANCES = ("event", "member", "status", "at")
#: Rows read at once.
CHUNK = 1000


def told(request: Any) -> QuerySet[Event]:
    """The community's gatherings that were announced and that whoever asks, a person or a program, may know of."""
    return access.shown(Event.objects.of(request.community.id).told(), request)


def events(told: QuerySet[Event], at: datetime) -> Iterator[tuple[Any, ...]]:
    """Rows of `EVENTS`. A place stands in them where people come to one, an address where they come online."""
    rows = told.select_related("circle").prefetch_related("rooms", "hosts__membership")
    for event in rows.order_by("starts_at", "id").iterator(chunk_size=CHUNK):
        rooms = {room.way: room for room in event.rooms.all()}
        at_a_place, online = Room.Way.IN_PERSON in rooms, Room.Way.ONLINE in rooms
        host = next(iter(event.hosts.all()), None)
        yield (
            _name(event),
            event.title,
            event.starts_at.astimezone(event.zone),
            event.ends_at.astimezone(event.zone) if event.ends_at else None,
            event.timezone,
            event.city if at_a_place else "",
            event.latitude if at_a_place else None,
            event.longitude if at_a_place else None,
            event.online_url if online else "",
            rooms[min(rooms)].capacity if rooms else None,
            _status(event, at),
            _member(host.membership) if host else "",
            event.circle.name if event.circle else "",
            event.counted_yes,
            event.counted_waiting,
        )


def attendances(told: QuerySet[Event], at: datetime) -> Iterator[tuple[Any, ...]]:
    """Rows of `ATTENDANCES`: a row for the answer and one for the coming, as far as there are any."""
    rows = Attendance.objects.filter(event__in=told.order_by().values("pk"))
    rows = rows.select_related("event", "membership")
    for row in rows.order_by("event__starts_at", "event", "id").iterator(chunk_size=CHUNK):
        event, member = _name(row.event), _member(row.membership)
        if row.answer:
            yield event, member, row.answer, row.answered_at
        if row.came_at is not None:
            yield event, member, "attended", row.came_at


def _name(event: Event) -> str:
    return event.external_id or str(event.key)


def _member(membership: Membership) -> str:
    return membership.external_id or f"#{membership.number}"


def _status(event: Event, at: datetime) -> str:
    if event.state == Event.State.CANCELLED:
        return "cancelled"
    held = event.told_held if event.told_held is not None else event.over_at <= at
    return "held" if held else "upcoming"


@dataclass(frozen=True)
class File:
    """A file that the desk and the API hand out: its columns, and its rows of the gatherings told, at an instant."""

    header: Sequence[str]
    rows: Callable[[QuerySet[Event], datetime], Iterator[tuple[Any, ...]]]


#: By how they are called, in addresses and in the audit log.
FILES = {"events": File(EVENTS, events), "attendances": File(ATTENDANCES, attendances)}
