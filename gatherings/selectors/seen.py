"""Gatherings as their readers see them: lists by day, one with all that its page tells, what waits for the staff."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from gatherings import access as rules
from gatherings.clocks import when
from gatherings.models import Attendance, Event, EventHost, EventPicture, Ticket, Waiting
from gatherings.models.event import EventQuerySet
from gatherings.selectors import rooms
from kernel import access, keyset
from kernel.keyset import Order, Page
from kernel.tenancy import TenantRequest
from members.models import Membership

PAGE, PEOPLE_SHOWN = 30, 24
NEXT = Order("starts_at", tie="id")
LATEST = Order("starts_at", tie="id", descending=True)
LONGEST_WAIT = Order("changed_at", tie="id")


@dataclass
class Mine:
    """What one person has of one event: what they answered, the place they have, their turn on the waiting list."""

    answer: str = ""
    ticket: Ticket | None = None
    turn: Waiting | None = None
    is_host: bool = False

    @property
    def comes(self) -> bool:
        return self.ticket is not None and self.ticket.state == Ticket.State.VALID


@dataclass(frozen=True)
class Day:
    """The events that begin on one day, each by its own clock."""

    day: date
    events: Sequence[Any] = field(default_factory=list)


def shown(request: TenantRequest) -> EventQuerySet:
    """Every event of the community that whoever asks may see, with what each list tells of it."""
    rows: Any = access.shown(Event.objects.of(request.community.id), request)
    return rows.select_related("circle__minimum_tier", "minimum_tier", "series")


def upcoming(rows: EventQuerySet, at: datetime) -> EventQuerySet:
    """Of the rows those that were announced and are not over; cancelled ones too, which say so."""
    return _over_after(rows.told()).filter(over__gt=at)


def past(rows: EventQuerySet, at: datetime) -> EventQuerySet:
    """Of the rows those that were announced and are over."""
    return _over_after(rows.told()).filter(over__lte=at)


def of_member(rows: EventQuerySet, member: Membership) -> EventQuerySet:
    """Of the rows those that the member holds, comes to, thinks about or waits for."""
    mine = {"event": OuterRef("pk"), "membership": member}
    answers = [Attendance.Answer.YES, Attendance.Answer.MAYBE, Attendance.Answer.WAITING]
    own = Exists(EventHost.objects.filter(**mine)) | Exists(Ticket.objects.live().filter(**mine))
    said = Exists(Attendance.objects.filter(**mine, answer__in=answers))
    return rows.filter(Q(own) | Q(said) | Q(Exists(Waiting.objects.filter(**mine, state__in=Waiting.LIVE))))


def page(
    rows: EventQuerySet, request: TenantRequest, *, order: Order = NEXT, cursor: str = ""
) -> tuple[Page[Event], list[Day]]:
    """One page of the rows, and the same by day, with places, what the reader has of each, and the key of its `cover`."""
    covers = EventPicture.objects.filter(event=OuterRef("pk")).order_by("position", "id")
    covered: Any = rows.annotate(cover=Subquery(covers.values("key")[:1]))
    found = keyset.page(covered, order=order, size=PAGE, cursor=cursor)
    fill(found.rows, request)
    return found, by_day(found.rows, descending=order.descending)


def fill(events: Sequence[Any], request: TenantRequest) -> None:
    """Give each event when it is, its rooms, and what the reader has of it (`mine`)."""
    rooms.fill(events)
    have = mine(events, request.membership)
    for event in events:
        event.when = when(event, request.community.zone)
        event.mine = have[event.pk]


def by_day(events: Iterable[Any], *, descending: bool = False) -> list[Day]:
    """The events, whose clocks are known, by the day on which each begins where it takes place."""
    in_order = sorted(events, key=lambda event: event.when.day, reverse=descending)
    return [Day(day, list(found)) for day, found in groupby(in_order, key=lambda event: event.when.day)]


def mine(events: Iterable[Event], viewer: Membership | None) -> dict[int, Mine]:
    """What the viewer has of each event, by its key in the database."""
    found = {event.pk: Mine() for event in events}
    if viewer is None:
        return found
    own = {"event__in": list(found), "membership": viewer}
    for event, answer in Attendance.objects.filter(**own).values_list("event", "answer"):
        found[event].answer = answer
    for ticket in Ticket.objects.live().filter(**own).select_related("room", "kind__room"):
        found[ticket.event_id].ticket = ticket
    for turn in Waiting.objects.filter(**own, state__in=Waiting.LIVE).select_related("room"):
        found[turn.event_id].turn = turn
    for event in EventHost.objects.filter(**own).values_list("event", flat=True):
        found[event].is_host = True
    return found


def hosts_of(event: Event) -> list[Membership]:
    """Who holds the event and is in the community now, in the order in which they are named."""
    rows = EventHost.objects.filter(event=event).select_related("membership").order_by("position", "id")
    return [row.membership for row in rows if row.membership.is_admitted]


def coming(event: Event) -> QuerySet[Membership]:
    """Who has a place, by name."""
    theirs = Ticket.objects.filter(event=event, membership=OuterRef("pk"), state=Ticket.State.VALID)
    rows = Membership.objects.records_of(event.community_id).filter(Exists(theirs))
    return rows.order_by("sort_key", "number")


def coming_seen(event: Event, viewer: Membership | None) -> list[Membership]:
    """Of those who come as many as a page names, as far as the directory lets the viewer see them."""
    if viewer is None or not viewer.is_admitted:
        return []
    return list(access.visible(coming(event), viewer)[:PEOPLE_SHOWN])


def is_told_address(event: Event, viewer: Membership | None, have: Mine) -> bool:
    """Whether the viewer is told where it takes place online: who has a place, its hosts, and the door."""
    return have.comes or rules.admits(viewer, event)


def proposals(request: TenantRequest) -> EventQuerySet:
    """What members have proposed and nobody has decided, as far as whoever asks may see it."""
    return shown(request).filter(state=Event.State.PROPOSED)


def at_the_desk(request: TenantRequest, wanted: dict[str, str], at: datetime) -> tuple[EventQuerySet, Order]:
    """The events as the staff look for them by words in the title, state, and time ("upcoming", "past" or any), and
    the order in which they stand."""
    rows = shown(request)
    if wanted["q"]:
        rows = rows.filter(Q(title__icontains=wanted["q"]) | Q(city__icontains=wanted["q"]))
    if wanted["state"] in Event.State.values:
        rows = rows.filter(state=wanted["state"])
    if wanted["time"] == "past":
        return _over_after(rows).filter(over__lte=at), LATEST
    if wanted["time"] == "any":
        return rows, LATEST
    return _over_after(rows).filter(over__gt=at), NEXT


def _over_after(rows: Any) -> Any:
    return rows.alias(over=Coalesce("ends_at", "starts_at"))
