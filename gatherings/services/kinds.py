"""The kinds of ticket of a gathering: added, changed, withdrawn by who looks after it."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from gatherings.models import Event, Room, TicketKind
from gatherings.services import events, seats
from kernel import activity, payable
from kernel.errors import Refused
from kernel.locks import held, locked
from kernel.money import LARGEST
from members.actors import Actor
from members.models import Membership, Tier

FIELDS = ("name", "price", "guest_price", "minimum_tier", "quantity", "sold_from", "sold_until")
MOST = 20


@transaction.atomic
def add(*, event: Event, room: Room, at: datetime, by: Actor, **fields: Any) -> TicketKind:
    """Another kind of ticket. Raises `Refused` as `change` does, and for more than anybody reads (`too_many`)."""
    event = _hold(event, by)
    if room.event_id != event.pk:
        raise ValueError("A room of another event.")
    if event.kinds.filter(withdrawn_at=None).count() >= MOST:
        raise Refused(_("There are %(most)d kinds of ticket already.") % {"most": MOST}, code="too_many")
    kind = TicketKind(event=event, room=room, position=event.kinds.count())
    _set(kind, event, fields)
    kind.save()
    _record(event, kind, at=at, by=by)
    return kind


@transaction.atomic
def change(*, kind: TicketKind, at: datetime, by: Actor, **fields: Any) -> TicketKind:
    """Change what is said of it; tickets that are somebody's keep their price.

    Raises `Refused`: for who does not look after the gathering (`not_allowed`), for a price without anybody who could pay
    it here (`no_rail`), for a kind that is for nobody (`for_nobody`), for a window that ends before it begins
    (`window`), and for fewer than are taken (`taken`).
    """
    event = _hold(kind.event, by)
    kind = locked(TicketKind.objects.filter(pk=kind.pk)).get()
    before = seats.unheld(kind)
    _set(kind, event, fields)
    try:
        with transaction.atomic():
            kind.save()
    except IntegrityError as error:
        if "are taken already" not in str(error):
            raise
        raise Refused(_("More than that are taken already."), code="taken", field="quantity") from None
    if seats.unheld(kind) > before:
        activity.announce("place.freed", room=kind.room, at=at)
    _record(event, kind, at=at, by=by)
    return kind


@transaction.atomic
def withdraw(*, kind: TicketKind, withdrawn: bool, at: datetime, by: Actor) -> TicketKind:
    """Sell no more of it, or sell it again; what is somebody's stays."""
    event = _hold(kind.event, by)
    kind = locked(TicketKind.objects.filter(pk=kind.pk)).get()
    if (kind.withdrawn_at is not None) != withdrawn:
        kind.withdrawn_at = at if withdrawn else None
        kind.save(update_fields=["withdrawn_at"])
        _record(event, kind, at=at, by=by)
    return kind


@transaction.atomic
def set_terms(
    *, event: Event, refund_hours: int | None, tax_rate: int, offer_hours: int, at: datetime, by: Actor
) -> Event:
    """Until when who gives a ticket back is paid back, the tax within its prices, and how long an offer stands."""
    return events.change(
        event=event, at=at, by=by, refund_hours=refund_hours, tax_rate=tax_rate, offer_hours=offer_hours
    )


def can_be_paid(event: Event) -> bool:
    """Whether the community has a way to be paid in the event's currency."""
    till = payable.till()
    return till is not None and till.takes(community=event.community, currency=event.currency)


def _hold(event: Event, by: Actor) -> Event:
    acting = held(Membership.objects.filter(pk=by.membership.pk)).get() if by.membership else None
    event = events.hold(event, acting)
    if event.state == Event.State.CANCELLED:
        raise Refused(_("This gathering is cancelled."), code="cancelled")
    return event


def _set(kind: TicketKind, event: Event, fields: dict[str, Any]) -> None:
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise ValueError(f"Not fields of a kind of ticket: {', '.join(sorted(unknown))}")
    for name, value in fields.items():
        setattr(kind, name, value)
    tier = kind.minimum_tier
    if isinstance(tier, Tier) and tier.community_id != event.community_id:
        raise ValueError("A tier of another community.")
    for name in ("price", "guest_price"):
        price = getattr(kind, name)
        if price is not None and not 0 <= price <= LARGEST:
            raise Refused(_("A price is nothing or more."), code="price", field=name)
        if price and not can_be_paid(event):
            words = _("No way to pay here takes %(currency)s: connect one first, or let it be free.")
            raise Refused(words % {"currency": event.currency}, code="no_rail", field=name)
    if kind.price is None and kind.guest_price is None:
        raise Refused(_("It is for members, for guests, or for both."), code="for_nobody", field="price")
    if kind.quantity is not None and not 1 <= kind.quantity <= 1_000_000:
        raise Refused(_("One at least; leave it empty for any number."), code="quantity", field="quantity")
    if kind.sold_from and kind.sold_until and kind.sold_until <= kind.sold_from:
        raise Refused(_("It ends before it begins."), code="window", field="sold_until")


def _record(event: Event, kind: TicketKind, *, at: datetime, by: Actor) -> None:
    after = {
        "ticket": str(kind),
        "price": kind.price,
        "guest_price": kind.guest_price,
        "quantity": kind.quantity,
        "withdrawn": kind.withdrawn_at is not None,
    }
    events.record("event.tickets_changed", event, at=at, by=by, after=after)
