"""How many places there are at gatherings, how many are taken, and what each reader may take."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from gatherings.models import Event, Room, Ticket, TicketKind, Waiting
from members.access import opens
from members.models import Membership


def counted(rooms: QuerySet[Room]) -> QuerySet[Any]:
    """The rooms with how many places are `taken` and how many people wait (`waits`) for one, and whether anybody can
    come that way still (`is_open`)."""
    live = Ticket.objects.live().filter(room=OuterRef("pk"))
    waits = Waiting.objects.filter(room=OuterRef("pk"), state=Waiting.State.WAITING)
    kinds = TicketKind.objects.filter(room=OuterRef("pk"), withdrawn_at=None)
    return rooms.annotate(taken=_many(live, "room"), waits=_many(waits, "room"), is_open=Exists(kinds))


def fill(events: Iterable[Any]) -> None:
    """Give each event the rooms by which people come to it (`ways`), what is left in all of them together (`left`: None
    for as many as wish), and how many places are `taken` and people wait (`waits`); in one query."""
    found = {event.pk: event for event in events}
    for event in found.values():
        event.ways = []
    for room in counted(Room.objects.filter(event__in=list(found))).order_by("event", "way"):
        room.left = left(room)
        found[room.event_id].ways.append(room)
    for event in found.values():
        event.taken = sum(room.taken for room in event.ways)
        event.waits = sum(room.waits for room in event.ways)
        event.ways = [room for room in event.ways if room.is_open]
        bounds = [room.left for room in event.ways]
        event.left = None if None in bounds else sum(bounds)
        event.places = None if None in bounds else sum(room.capacity for room in event.ways)


def left(room: Any) -> int | None:
    """What nobody has and nobody waits for, of a room that was `counted`; None for as many as wish."""
    return None if room.capacity is None else max(0, room.capacity - room.taken - room.waits)


def kinds_for(event: Any, viewer: Membership | None, at: datetime) -> list[Any]:
    """The kinds of ticket that the viewer might take at this event (whose rooms are filled in), each with its room (`way`),
    what it costs them (`costs`), and how many are `left` (None for as many as wish)."""
    live = Ticket.objects.live().filter(kind=OuterRef("pk"))
    ways = {room.pk: room for room in event.ways}
    inside = viewer is not None and viewer.is_admitted
    on_sale = (Q(sold_from=None) | Q(sold_from__lte=at)) & (Q(sold_until=None) | Q(sold_until__gt=at))
    rows = TicketKind.objects.filter(on_sale, event=event, withdrawn_at=None, room__in=list(ways))
    found: list[Any] = []
    for kind in rows.annotate(taken=_many(live, "kind")).select_related("minimum_tier"):
        costs = kind.price if inside else kind.guest_price
        if costs is None or not opens(viewer, kind.minimum_tier):
            continue
        way = ways[kind.room_id]
        own = None if kind.quantity is None else max(0, kind.quantity - kind.taken)
        bounds = [bound for bound in (way.left, own) if bound is not None]
        kind.way, kind.costs, kind.left = way, costs, min(bounds) if bounds else None  # type: ignore[attr-defined]
        found.append(kind)
    return found


def taken_in(event: Event) -> dict[str, int]:
    """How many places are taken, by way of coming."""
    rows = Ticket.objects.live().filter(event=event).order_by().values_list("room__way")
    return dict(rows.annotate(many=Count("pk")))


def _many(rows: QuerySet[Any], by: str) -> Any:
    """How many rows there are; all of them are of one `by`."""
    counts = rows.order_by().values(by).annotate(many=Count("pk")).values("many")
    return Coalesce(Subquery(counts, output_field=IntegerField()), 0)
