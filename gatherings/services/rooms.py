"""The ways in which people come to a gathering, and how many places each has: opened, closed, made larger or smaller."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gatherings.models import Event, Room, Ticket, TicketKind, Waiting
from gatherings.services import events
from kernel import activity
from kernel.errors import Refused
from kernel.locks import locked
from members.actors import Actor


@transaction.atomic
def settle(*, event: Event, rooms: Mapping[str, int | None], at: datetime, by: Actor) -> Event:
    """Let people come in these ways and no other, with so many places each (None for no bound).

    A new way begins with a free ticket for members. One that is closed sells no more, and nobody waits for it any longer;
    more places are told on (`place.freed`), for whoever waits. Raises `Refused` for none (`no_room`), for fewer places
    than are taken and for closing a way in which somebody comes (`taken`), once it is cancelled (`cancelled`), and for who
    does not look after it (`not_allowed`).
    """
    event = events.hold(event, events.acting_of(by))
    if event.state == Event.State.CANCELLED:
        raise Refused(_("This gathering is cancelled."), code="cancelled")
    if not rooms:
        words = _("Say whether people come to a place, online, or both.")
        raise Refused(words, code="no_room", field="rooms")
    there = {room.way: room for room in locked(Room.objects.filter(event=event).order_by("pk"))}
    before = {way: room.capacity for way, room in there.items() if _is_open(room)}
    wanted = {Room.Way(way).value: capacity for way, capacity in rooms.items()}
    if before == wanted:
        return event
    for way in sorted(before.keys() - wanted):
        _close(there[way], at)
    for way, capacity in sorted(wanted.items()):
        _open(event, way, capacity, there.get(way), at)
    events.record("event.changed", event, at=at, by=by, before={"ways": before}, after={"ways": wanted})
    return event


def _is_open(room: Room) -> bool:
    return TicketKind.objects.filter(room=room, withdrawn_at=None).exists()


def _open(event: Event, way: str, capacity: int | None, room: Room | None, at: datetime) -> None:
    """The way as it is to be: new, opened again, or with another number of places."""
    if room is None:
        room = Room.objects.create(event=event, way=way, capacity=capacity)
        TicketKind.objects.create(event=event, room=room)
        return
    grows = _grows(room.capacity, capacity)
    _guard_taken(room, capacity)
    if room.capacity != capacity:
        room.capacity = capacity
        room.save(update_fields=["capacity"])
    if not _is_open(room):
        last = TicketKind.objects.filter(room=room).order_by("-withdrawn_at", "-id")[:1]
        TicketKind.objects.filter(pk__in=last.values("pk")).update(withdrawn_at=None)
    if grows:
        activity.announce("place.freed", room=room, at=at)


def _close(room: Room, at: datetime) -> None:
    """Nobody comes this way any more. Its row stays for the tickets that there were."""
    many = Ticket.objects.live().filter(room=room).count()
    if many:
        words = ngettext(
            "%(n)s person has a place there: cancel it with them first.",
            "%(n)s people have a place there: cancel it with them first.",
            many,
        )
        raise Refused(words % {"n": many}, code="taken", field=room.way)
    TicketKind.objects.filter(room=room, withdrawn_at=None).update(withdrawn_at=at)
    waits = Waiting.objects.filter(room=room, state__in=Waiting.LIVE)
    waits.update(state=Waiting.State.LEFT, ended_at=at)


def _guard_taken(room: Room, capacity: int | None) -> None:
    taken = Ticket.objects.live().filter(room=room).count()
    if capacity is not None and capacity < taken:
        words = ngettext(
            "%(n)s place is taken already: there are at least that many.",
            "%(n)s places are taken already: there are at least that many.",
            taken,
        )
        raise Refused(words % {"n": taken}, code="taken", field=f"places_{room.way}")


def _grows(before: int | None, after: int | None) -> bool:
    return before is not None and (after is None or after > before)
