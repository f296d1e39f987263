"""What of places hangs into the page of a gathering: the tickets that are paid for, those of guests, the waiting list."""

from typing import Any

from gatherings import access
from gatherings.models import Event, Ticket
from gatherings.selectors import tickets
from gatherings.services import waitlist
from kernel import slots
from kernel.clock import now
from kernel.tenancy import TenantRequest


def register() -> None:
    slots.add("event.main", query=places_of, template="gatherings/_tickets.html")


def places_of(request: TenantRequest, event: Event) -> dict[str, Any] | None:
    """What the reader can do about a place besides saying yes to a free one; None where there is nothing."""
    viewer, at = request.membership, now()
    member = viewer if viewer is not None and viewer.is_admitted else None
    looks_after = access.looks_after(viewer, event)
    context = {"event": event, "community": request.community, "member": member, "looks_after": looks_after}
    if not event.is_standing or event.starts_at <= at:
        return context if looks_after else None
    ticket, turn = tickets.live_of(event, member), tickets.turn_of(event, member)
    found = tickets.choices(event, member, at) if ticket is None else []
    # Members say yes to a free place on the page itself.
    offered = [one for one in found if one.price or member is None]
    full = [
        one for one in found if one.is_full and event.has_waitlist and member is not None and turn is None
    ]
    guests_wait = member is None and event.has_waitlist and any(one.is_full for one in found)
    context |= {
        "full_for_guests": guests_wait,
        "ticket": ticket,
        "is_offer": ticket is not None and ticket.state == Ticket.State.HELD and ticket.order is None,
        "turn": turn,
        "line": waitlist.place_in_line(turn) if turn is not None and turn.state == "waiting" else None,
        "offered": offered if turn is None else [],
        "full": full,
    }
    return (
        context
        if any(
            context[key] for key in ("ticket", "turn", "offered", "full", "full_for_guests", "looks_after")
        )
        else None
    )
