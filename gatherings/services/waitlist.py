"""The waiting list of a gathering: who came first is offered the next place that becomes free, for a while.

An offer is a held ticket: nobody else can have that place meanwhile. Who lets it lapse has let it pass, and it goes to the
next. After the beginning nobody is offered anything. Lock order as in `seats`: memberships, event, room and kind, ticket.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from gatherings.models import Attendance, Event, Room, Ticket, TicketKind, Waiting
from gatherings.services import seats
from kernel import activity, sweeps, tasks
from kernel.errors import Refused
from kernel.locks import held, locked
from members.models import Membership
from members.services import powers

log = logging.getLogger(__name__)

State = Waiting.State


@transaction.atomic
def join(*, kind: TicketKind, member: Membership, at: datetime) -> Waiting:
    """Wait for a place of this kind. Who waits already keeps their turn.

    Raises `Refused`: where nobody waits (`no_waitlist`), where there is a place (`not_full`), for who has one (`twice`),
    and as `seats.guard_kind` and `seats.guard_open` do.
    """
    member = held(Membership.objects.filter(pk=member.pk)).get()
    powers.guard_not_merged(member)
    event = locked(Event.objects.filter(pk=kind.event_id)).get()
    kind = locked(TicketKind.objects.filter(pk=kind.pk)).get()
    seats.guard_open(event, at)
    seats.guard_kind(event, kind, member, at)
    known = Waiting.objects.filter(event=event, membership=member, state__in=Waiting.LIVE).first()
    if known is not None:
        return known
    if not event.has_waitlist:
        raise Refused(_("This gathering keeps no waiting list."), code="no_waitlist")
    if Ticket.objects.live().filter(event=event, membership=member).exists():
        raise Refused(_("You have a place already."), code="twice")
    if seats.left(kind) > 0:
        raise Refused(_("There is a place for you: take it."), code="not_full")
    turn = Waiting.objects.create(event=event, room_id=kind.room_id, kind=kind, membership=member, since=at)
    seats.note_answer(event, member, Attendance.Answer.WAITING, at)
    return turn


@transaction.atomic
def leave(*, turn: Waiting, at: datetime) -> Waiting:
    """Wait no more; a place that was offered goes to the next. One that is over stays as it is."""
    held(Membership.objects.filter(pk=turn.membership_id)).get()
    event = locked(Event.objects.filter(pk=turn.event_id)).get()
    turn = locked(Waiting.objects.filter(pk=turn.pk)).get()
    if turn.state not in Waiting.LIVE:
        return turn
    ticket = turn.ticket
    turn.state, turn.ended_at = State.LEFT, at
    turn.save(update_fields=["state", "ended_at"])
    seats.note_answer(event, turn.membership, Attendance.Answer.NO, at)
    if ticket is not None:
        seats.free(ticket=ticket, at=at)
        activity.announce("ticket.given_back", ticket=ticket, at=at)
    return turn


def place_in_line(turn: Waiting) -> int:
    """How many stand before them, and they themselves: 1 for the next."""
    before = Waiting.objects.filter(room=turn.room_id, state=State.WAITING)
    earlier = before.filter(since__lt=turn.since) | before.filter(since=turn.since, pk__lt=turn.pk)
    return earlier.count() + 1


@transaction.atomic
def take_up(
    *, kind: TicketKind, member: Membership, at: datetime, until: datetime, answers: Sequence[Any] = ()
) -> Ticket | None:
    """The place that is offered to the member, to be paid for by then or by the end of the offer, whichever is later;
    None where none of this kind is."""
    held(Membership.objects.filter(pk=member.pk)).get()
    event = locked(Event.objects.filter(pk=kind.event_id)).get()
    seats.guard_open(event, at)
    ticket = _offered(kind, member)
    if ticket is None:
        return None
    assert ticket.held_until is not None
    ticket.held_until, ticket.answers = max(ticket.held_until, until), list(answers)
    ticket.save(update_fields=["held_until", "answers"])
    return ticket


def _offered(kind: TicketKind, member: Membership) -> Ticket | None:
    rows = Ticket.objects.filter(
        kind=kind, membership=member, state=Ticket.State.HELD, order=None, turn__state=State.OFFERED
    )
    return locked(rows).first()


def freed(*, room: Room, at: datetime) -> None:
    """There may be a place (`place.freed`): who is next is asked at once, by a worker."""
    if Waiting.objects.filter(room=room, state=State.WAITING).exists():
        tasks.send("gatherings.offer_places", event=room.event_id)


def offer_due(*, at: datetime) -> int:
    """End the offers and holds that nobody took, and offer what is free; how many were offered."""
    lapse_due(at=at)
    rooms = Waiting.objects.filter(state=State.WAITING, event__starts_at__gt=at)
    events = (
        rooms.filter(event__state=Event.State.PUBLISHED).order_by("event").values_list("event", flat=True)
    )
    return sweeps.each("Gathering", events.distinct(), lambda pk: offer(event_id=pk, at=at))


def lapse_due(*, at: datetime) -> int:
    """Free the places of offers that lapsed. What is held for an order ends with that."""
    due = _lapsed(at).select_related("event").order_by("held_until", "pk")[:500]
    return sweeps.each("Ticket", due, lambda ticket: _lapse(ticket, at))


def _lapsed(at: datetime) -> QuerySet[Ticket]:
    return Ticket.objects.filter(state=Ticket.State.HELD, order=None, held_until__lte=at)


@transaction.atomic
def _lapse(ticket: Ticket, at: datetime) -> bool:
    held(Membership.objects.filter(pk=ticket.membership_id)).get()
    locked(Event.objects.filter(pk=ticket.event_id)).get()
    found = _lapsed(at).filter(pk=ticket.pk).first()
    if found is None:
        return False
    seats.let_go(ticket=found, at=at)
    seats.note_answer(ticket.event, ticket.membership, Attendance.Answer.NO, at)
    return True


def offer(*, event_id: int, at: datetime) -> int:
    """Offer the free places of one event to who is next, each to one; how many were offered."""
    done = 0
    passed: set[int] = set()
    while (turn := _next(event_id, passed)) is not None:
        passed.add(turn.pk)
        done += _offer_one(turn, at)
    return done


def _next(event_id: int, passed: set[int]) -> Waiting | None:
    rows = Waiting.objects.filter(event=event_id, state=State.WAITING).exclude(pk__in=passed)
    return rows.select_related("kind", "membership").order_by("since", "pk").first()


@transaction.atomic
def _offer_one(turn: Waiting, at: datetime) -> bool:
    """Hold the place for them, where there is one of their kind: whoever came before them has been asked, or can have none."""
    member = held(Membership.objects.filter(pk=turn.membership_id)).get()
    event = locked(Event.objects.filter(pk=turn.event_id)).get()
    turn = locked(Waiting.objects.filter(pk=turn.pk)).get()
    if turn.state != State.WAITING or not event.is_standing or event.starts_at <= at:
        return False
    if seats.unheld(turn.kind) < 1 or _somebody_before(turn):
        return False
    until = min(at + timedelta(hours=event.offer_hours), event.starts_at)
    try:
        with transaction.atomic():
            ticket = seats.hold(kind=turn.kind, member=member, taken_by=member, at=at, until=until, turn=turn)
    except Refused as refusal:
        # The tier fell, or their place came some other way: it is the next one's turn.
        log.info("Turn %s is not offered a place: %s", turn.pk, refusal.code)
        turn.state, turn.ended_at = State.PASSED, at
        turn.save(update_fields=["state", "ended_at"])
        return False
    turn.state, turn.ticket, turn.offered_at = State.OFFERED, ticket, at
    turn.save(update_fields=["state", "ticket", "offered_at"])
    activity.announce("place.offered", turn=turn, ticket=ticket, at=at)
    return True


def _somebody_before(turn: Waiting) -> bool:
    """Whether somebody who waits for the same kind came earlier: they are asked first, whoever is quicker."""
    before = Waiting.objects.filter(kind=turn.kind_id, state=State.WAITING).exclude(pk=turn.pk)
    earlier = before.filter(since__lt=turn.since) | before.filter(since=turn.since, pk__lt=turn.pk)
    return earlier.exists()
