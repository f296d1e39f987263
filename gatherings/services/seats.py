"""Places at an event: one is taken, held for somebody, made theirs, given back. There are never more than there are.

Whoever takes a place holds the row of the event first, so that one comes after the other; the database counts once more
(migration 0002). Lock order: memberships, event, room and kind, ticket.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from gatherings.models import Attendance, Event, Ticket, TicketKind, Waiting
from kernel import access, activity
from kernel.activity import Activity
from kernel.errors import Refused
from kernel.locks import held, locked
from members.access import opens
from members.models import Membership
from members.services import powers

Answer = Attendance.Answer


@transaction.atomic
def take(*, kind: TicketKind, member: Membership, at: datetime, answers: Sequence[Any] = ()) -> Ticket:
    """A place that costs the member nothing, theirs at once: saying yes. Who has one already keeps that one, and who is
    offered one has it.

    Raises `Refused` as `hold` does, and for one that is to be paid (`priced`).
    """
    mine = Ticket.objects.live().filter(event=kind.event_id, membership=member).first()
    if mine is not None and mine.state == Ticket.State.VALID and mine.kind_id == kind.pk:
        return mine
    if price_for(kind, member):
        raise Refused(_("This ticket is to be paid."), code="priced")
    if mine is not None and mine.kind_id == kind.pk and mine.order is None:
        return confirm(ticket=mine, at=at)
    ticket = hold(kind=kind, member=member, taken_by=member, at=at, until=at, answers=answers)
    return confirm(ticket=ticket, at=at)


@transaction.atomic
def hold(
    *,
    kind: TicketKind,
    member: Membership,
    taken_by: Membership,
    at: datetime,
    until: datetime,
    answers: Sequence[Any] = (),
    turn: Waiting | None = None,
) -> Ticket:
    """Keep a place for the member until then: while it is paid, or, with their `turn` on the waiting list, thought over.

    Raises `Refused` where there is no place left (`full`), where others wait for one (`waitlist`), for who has one
    (`twice`), for a kind that is not for them (`not_for_you`) or not on sale now (`not_on_sale`), and once the event has
    begun or was cancelled (`over`).
    """
    member = held(Membership.objects.filter(pk=member.pk)).get()
    powers.guard_not_merged(member)
    event = _event_of(kind)
    kind = locked(TicketKind.objects.filter(pk=kind.pk)).get()
    guard_open(event, at)
    guard_kind(event, kind, member, at)
    if Ticket.objects.live().filter(event=event, membership=member).exists():
        raise Refused(_("You have a place already."), code="twice")
    free_now = unheld(kind)
    if free_now < 1:
        raise Refused(_("All places are taken."), code="full")
    if turn is None and free_now <= waiting(kind):
        words = _("Others were here before: put yourself on the waiting list.")
        raise Refused(words, code="waitlist")
    return Ticket.objects.create(
        community_id=event.community_id,
        event=event,
        room_id=kind.room_id,
        kind=kind,
        membership=member,
        taken_by=taken_by,
        state=Ticket.State.HELD,
        price=price_for(kind, member),
        currency=event.currency,
        answers=list(answers),
        made_at=at,
        held_until=until,
    )


@transaction.atomic
def confirm(*, ticket: Ticket, at: datetime) -> Ticket:
    """The held place is theirs: it was paid, or costs nothing. Twice is once.

    Raises `Refused` (`lapsed`) for one that is held no more: somebody else may have it by now.
    """
    _event_of(ticket)
    ticket = locked(Ticket.objects.filter(pk=ticket.pk)).get()
    if ticket.state == Ticket.State.VALID:
        return ticket
    if ticket.state != Ticket.State.HELD:
        raise Refused(_("This place is not kept any more."), code="lapsed")
    ticket.state, ticket.valid_at, ticket.held_until = Ticket.State.VALID, at, None
    ticket.save(update_fields=["state", "valid_at", "held_until"])
    Waiting.objects.filter(ticket=ticket, state=Waiting.State.OFFERED).update(
        state=Waiting.State.SEATED, ended_at=at
    )
    note_answer(ticket.event, ticket.membership, Answer.YES, at)
    activity.announce("ticket.taken", ticket=ticket, at=at)
    return ticket


@transaction.atomic
def give_back(*, ticket: Ticket, along: bool = False, at: datetime) -> Ticket:
    """The place is free for others, and `along` those of whom they bring; who had it says no. Raises `Refused` once the event
    has begun (`over`)."""
    event = _event_of(ticket)
    rows = Ticket.objects.live().filter(pk__in=[ticket.pk, *(brought_along(ticket) if along else ())])
    going = {one.pk: one for one in locked(rows.order_by("pk"))}
    if going and event.starts_at <= at:
        raise Refused(_("It has begun."), code="over")
    for pk, one in going.items():
        going[pk] = free(ticket=one, at=at)
        note_answer(event, one.membership, Answer.NO, at)
        activity.announce("ticket.given_back", ticket=going[pk], at=at)
    return going.get(ticket.pk, ticket)


def brought_along(ticket: Ticket) -> list[int]:
    """The live tickets that who has this one took for others at the same event; none for who was brought along."""
    if ticket.taken_by_id != ticket.membership_id:
        return []
    rows = Ticket.objects.live().filter(event=ticket.event_id, taken_by=ticket.taken_by_id)
    return list(rows.exclude(membership=ticket.membership_id).values_list("pk", flat=True))


@transaction.atomic
def free(*, ticket: Ticket, at: datetime, state: Ticket.State = Ticket.State.GIVEN_BACK) -> Ticket:
    """End a live ticket, whose place the next one gets. One that is not live stays as it is."""
    _event_of(ticket)
    ticket = locked(Ticket.objects.filter(pk=ticket.pk)).get()
    if ticket.is_live:
        ticket.state, ticket.ended_at, ticket.held_until = state, at, None
        ticket.save(update_fields=["state", "ended_at", "held_until"])
        Waiting.objects.filter(ticket=ticket, state=Waiting.State.OFFERED).update(
            state=Waiting.State.PASSED, ended_at=at
        )
        activity.announce("place.freed", room=ticket.room, at=at)
    return ticket


@transaction.atomic
def let_go(*, ticket: Ticket, at: datetime) -> Ticket:
    """End a hold that nobody took in time; what is theirs by now stays."""
    _event_of(ticket)
    ticket = locked(Ticket.objects.filter(pk=ticket.pk)).get()
    return (
        free(ticket=ticket, at=at, state=Ticket.State.EXPIRED)
        if ticket.state == Ticket.State.HELD
        else ticket
    )


@transaction.atomic
def answer(*, event: Event, member: Membership, answer: str, at: datetime) -> Attendance:
    """Say maybe or no; who says so gives back what they have, and waits no more. Yes is said by taking a place.

    Raises `Refused` for who does not see the event (`not_seen`), and once it has begun or was cancelled (`over`).
    """
    member = held(Membership.objects.filter(pk=member.pk)).get()
    powers.guard_not_merged(member)
    event = held(Event.objects.filter(pk=event.pk)).get()
    if not access.sees(member, event):
        raise Refused(_("You do not see this gathering any more."), code="not_seen")
    guard_open(event, at)
    for ticket in Ticket.objects.live().filter(event=event, membership=member):
        free(ticket=ticket, at=at)
        activity.announce("ticket.given_back", ticket=ticket, at=at)
    turns = Waiting.objects.filter(event=event, membership=member, state__in=Waiting.LIVE)
    turns.update(state=Waiting.State.LEFT, ended_at=at)
    return note_answer(event, member, Answer(answer), at)


def price_for(kind: TicketKind, member: Membership) -> int:
    """What the kind costs this member or guest, in the smallest units. Raises `Refused` (`not_for_you`)."""
    price = kind.price if member.is_admitted else kind.guest_price
    if price is None:
        raise Refused(_("This ticket is not for you."), code="not_for_you")
    return price


def guard_open(event: Event, at: datetime) -> None:
    """Raises `Refused` (`over`) where nobody takes or leaves a place any more."""
    if not event.is_standing:
        raise Refused(_("This gathering is not announced."), code="over")
    if event.starts_at <= at:
        raise Refused(_("It has begun."), code="over")


def guard_kind(event: Event, kind: TicketKind, member: Membership, at: datetime) -> None:
    """Raises `Refused` for a kind that is not for them (`not_for_you`) or is not sold now (`not_on_sale`)."""
    price_for(kind, member)
    for minimum in (event.minimum_tier, kind.minimum_tier):
        if not opens(member, minimum):
            raise Refused(
                _("This is open from the tier “%(tier)s” on.") % {"tier": minimum}, code="not_for_you"
            )
    if not access.sees(member, event):
        raise Refused(_("This ticket is not for you."), code="not_for_you")
    too_early = kind.sold_from is not None and at < kind.sold_from
    too_late = kind.sold_until is not None and at >= kind.sold_until
    if too_early or too_late or kind.withdrawn_at is not None:
        raise Refused(_("This ticket is not on sale now."), code="not_on_sale")


def left(kind: TicketKind) -> int:
    """How many tickets of the kind whoever asks may take now: what nobody holds, less those who wait for one. A very large
    number where there is no bound."""
    return max(0, unheld(kind) - waiting(kind))


def unheld(kind: TicketKind) -> int:
    """How many more live tickets of the kind there can be, by its room and by itself."""
    free_now = ENDLESS
    if kind.room.capacity is not None:
        free_now = kind.room.capacity - Ticket.objects.live().filter(room=kind.room).count()
    if kind.quantity is not None:
        free_now = min(free_now, kind.quantity - Ticket.objects.live().filter(kind=kind).count())
    return free_now


def waiting(kind: TicketKind) -> int:
    """How many wait for a place in its room, and come first."""
    return Waiting.objects.filter(room=kind.room_id, state=Waiting.State.WAITING).count()


#: "As many as wish" as a number.
ENDLESS = 1_000_000_000


def _event_of(thing: TicketKind | Ticket) -> Event:
    """The event, held: all who take or leave its places come one after the other."""
    return locked(Event.objects.filter(pk=thing.event_id)).get()


def note_answer(event: Event, member: Membership, answer: Answer, at: datetime) -> Attendance:
    """Write the answer down; the first yes is a fact."""
    row, _new = Attendance.objects.get_or_create(event=event, membership=member)
    row.answer, row.answered_at = answer, at
    row.save(update_fields=["answer", "answered_at"])
    if answer == Answer.YES:
        activity.publish(
            Activity(
                community_id=event.community_id,
                member=member.number,
                verb="rsvped",
                at=at,
                object_kind="event",
                object_id=str(event.key),
                circle_id=event.circle_id,
                staff=member.is_staff,
                dedupe=f"rsvp:{event.key}:{member.number}",
            )
        )
    return row
