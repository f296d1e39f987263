"""Giving tickets back: whether what was paid goes back with them, and telling whoever took the money."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from gatherings.access import looks_after
from gatherings.models import Event, Ticket
from gatherings.services import events, seats
from kernel import activity
from kernel.errors import Refused
from kernel.locks import held, locked
from members.actors import Actor
from members.models import Membership


def is_refunded(event: Event, at: datetime) -> bool:
    """Whether who gives a ticket back now is paid back, by the rule of the event."""
    if event.refund_hours is None:
        return False
    return at <= event.starts_at - timedelta(hours=event.refund_hours)


def refunded_until(event: Event) -> datetime | None:
    """Until when who gives a ticket back is paid back; None for never."""
    return None if event.refund_hours is None else event.starts_at - timedelta(hours=event.refund_hours)


def given_back(*, ticket: Ticket, at: datetime) -> None:
    """What was paid for it goes back by the rule of the event (`ticket.given_back`)."""
    if ticket.order is not None:
        _tell(ticket, is_refunded(ticket.event, at), _("The ticket was given back."), at)


def cancelled(*, event: Event, tickets: Sequence[int], at: datetime) -> None:
    """All that was paid goes back when a gathering is called off (`event.cancelled`)."""
    for ticket in Ticket.objects.filter(pk__in=tickets, order__isnull=False).order_by("pk"):
        _tell(ticket, True, _("The gathering was called off."), at)


@transaction.atomic
def take_back(
    *, ticket: Ticket, refund: bool, reason: str, along: bool = False, at: datetime, by: Actor
) -> Ticket:
    """Whoever looks after the gathering takes a ticket back, `along` with those of whom its holder brings, and says whether
    what was paid goes back: any time.

    Raises `Refused` for who does not look after it (`not_allowed`), without a reason (`reason`), and for one that is none
    any more (`over`).
    """
    pks = [ticket.pk, *(seats.brought_along(ticket) if along else ())]
    people = {*Ticket.objects.filter(pk__in=pks).values_list("membership", flat=True)}
    people |= {by.membership.pk} if by.membership else set()
    rows = {row.pk: row for row in held(Membership.objects.filter(pk__in=people).order_by("pk"))}
    acting = rows[by.membership.pk] if by.membership else None
    event = locked(Event.objects.filter(pk=ticket.event_id)).get()
    if acting is not None and not looks_after(acting, event):
        raise Refused(_("You do not look after this gathering."), code="not_allowed")
    if not reason.strip():
        raise Refused(_("Say why: they read it."), code="reason", field="reason")
    going = {one.pk: one for one in locked(Ticket.objects.live().filter(pk__in=pks).order_by("pk"))}
    if ticket.pk not in going:
        raise Refused(_("This ticket is none any more."), code="over")
    for pk, one in going.items():
        number = rows[one.membership_id].number
        going[pk] = _end(one, number, refund, reason.strip()[:240], event, at=at, by=by)
    return going[ticket.pk]


def _end(
    ticket: Ticket, number: int, refund: bool, reason: str, event: Event, *, at: datetime, by: Actor
) -> Ticket:
    ticket = seats.free(ticket=ticket, at=at, state=Ticket.State.CANCELLED)
    if ticket.order is not None:
        _tell(ticket, refund, reason, at)
    activity.announce("ticket.taken_back", ticket=ticket, reason=reason, refund=refund, at=at)
    after = {"member": number, "refund": refund, "reason": reason}
    events.record("event.ticket_taken_back", event, at=at, by=by, after=after)
    return ticket


def sheet_taken(*, event: Event, at: datetime, by: Actor) -> None:
    """Keep that somebody took the list of tickets along."""
    events.record("event.tickets_taken_along", event, at=at, by=by)


def _tell(ticket: Ticket, refund: bool, reason: str, at: datetime) -> None:
    activity.announce(
        "payable.returned", order=ticket.order, part=ticket.part, refund=refund, reason=reason[:240], at=at
    )
