"""Tickets as whoever takes, has or sells them sees them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from gatherings.models import Event, Ticket, TicketKind, Waiting
from kernel.money import Money
from members.access import opens
from members.models import Membership


@dataclass(frozen=True)
class Choice:
    """A kind of ticket that the reader may take: what it costs them, how many are left (None for no bound)."""

    kind: TicketKind
    price: Money
    left: int | None

    @property
    def is_full(self) -> bool:
        return self.left == 0


def choices(event: Event, viewer: Membership | None, at: datetime) -> list[Choice]:
    """What a member, or a guest (None), may take now, full ones too: in four queries."""
    guest = viewer is None or not viewer.is_admitted
    rows = event.kinds.filter(withdrawn_at=None).select_related("room", "minimum_tier")
    rows = rows.filter(Q(sold_from=None) | Q(sold_from__lte=at), Q(sold_until=None) | Q(sold_until__gt=at))
    by_room = _counted(Ticket.objects.live().filter(event=event), "room")
    by_kind = _counted(Ticket.objects.live().filter(event=event), "kind")
    waits = _counted(Waiting.objects.filter(event=event, state=Waiting.State.WAITING), "room")
    found = []
    for kind in rows:
        price = kind.guest_price if guest else kind.price
        if price is None or not opens(viewer, kind.minimum_tier) or not opens(viewer, event.minimum_tier):
            continue
        bounds = []
        if kind.room.capacity is not None:
            bounds.append(kind.room.capacity - by_room.get(kind.room_id, 0))
        if kind.quantity is not None:
            bounds.append(kind.quantity - by_kind.get(kind.pk, 0))
        shown = max(0, min(bounds) - waits.get(kind.room_id, 0)) if bounds else None
        found.append(Choice(kind, Money(price, event.currency), shown))
    return found


def for_guests(event: Event, at: datetime) -> list[Choice]:
    """What whoever is brought along may take now: nothing where a gathering is of members."""
    if event.audience != Event.Audience.PUBLIC:
        return []
    return [one for one in choices(event, None, at) if not one.is_full]


def taken_with(ticket: Ticket) -> list[Ticket]:
    """The tickets that who has this one took for others, those that are over too; none for who was brought along."""
    if ticket.taken_by_id != ticket.membership_id:
        return []
    rows = Ticket.objects.filter(event=ticket.event_id, taken_by=ticket.taken_by_id)
    return list(
        rows.exclude(pk=ticket.pk)
        .exclude(membership=ticket.membership_id)
        .select_related("membership", "kind__room")
    )


def sold(event: Event) -> list[Any]:
    """The kinds of an event with how many of each are `taken`, for who looks after it."""
    live = Count("tickets", filter=Q(tickets__state__in=Ticket.LIVE))
    kinds = list(event.kinds.select_related("room", "minimum_tier").annotate(taken=live))
    for kind in kinds:
        prices = (kind.price, kind.guest_price)
        kind.for_members, kind.for_guests = (  # type: ignore[attr-defined]
            None if price is None else Money(price, event.currency) for price in prices
        )
    return kinds


def of_member(member: Membership) -> QuerySet[Ticket]:
    """All tickets of a member's, those that others got for them too, the latest gathering first."""
    rows = Ticket.objects.of(member.community_id).filter(Q(membership=member) | Q(taken_by=member))
    return rows.select_related("event", "kind__room", "membership").order_by("-event__starts_at", "-pk")


def by_code(community_id: int, code: str) -> Ticket | None:
    """The ticket of a code, None for none."""
    rows = Ticket.objects.of(community_id).filter(code=code)
    return rows.select_related("event__community", "kind__room", "membership__user").first()


def live_of(event: Event, member: Membership | None) -> Ticket | None:
    """What the member has or is kept there."""
    if member is None:
        return None
    rows = Ticket.objects.live().filter(event=event, membership=member)
    return rows.select_related("event__community", "kind__room").first()


def turn_of(event: Event, member: Membership | None) -> Waiting | None:
    if member is None:
        return None
    rows = Waiting.objects.filter(event=event, membership=member, state__in=Waiting.LIVE)
    return rows.select_related("kind__room", "ticket").first()


def _counted(rows: QuerySet[Any], by: str) -> dict[int, int]:
    return {row[by]: row["many"] for row in rows.order_by().values(by).annotate(many=Count("pk"))}


def turn_by_code(community_id: int, code: str) -> Waiting | None:
    rows = Waiting.objects.filter(event__community=community_id, code=code)
    return rows.select_related("event__community", "kind__room", "membership", "ticket").first()


def is_offer(ticket: Ticket) -> bool:
    """Whether it is a place that is offered from the waiting list, and not taken yet."""
    return ticket.state == Ticket.State.HELD and ticket.order is None
