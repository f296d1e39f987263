"""The door: who comes is let in once, by whom and when is kept, and what was a slip is taken back."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from gatherings import access
from gatherings.models import Attendance, Event, EventHost, Ticket
from gatherings.services import events
from kernel import activity
from kernel.activity import Activity
from kernel.errors import Refused
from kernel.locks import held
from members.actors import Actor
from members.models import AuditEntry, Membership
from members.services import powers

#: The door opens so long before the beginning.
OPENS = timedelta(hours=12)
NOW, DAY = timedelta(), timedelta(days=1)
State = Ticket.State
#: Why a ticket lets nobody in.
_NOT_VALID = {
    State.HELD: lambda: _("This ticket is not paid or taken yet."),
    State.EXPIRED: lambda: _("This ticket was not taken in time."),
    State.GIVEN_BACK: lambda: _("This ticket was given back."),
    State.CANCELLED: lambda: _("This ticket was cancelled."),
}
#: A code by itself, or at the end of the address of its ticket.
_CODE = re.compile(r"(?:^|/TICKETS?/)([2-9A-HJ-NP-Z]{20})/?$")


@dataclass(frozen=True)
class LetIn:
    """Who came, and whether it is now that they were let in; False for who was here already, as the row tells."""

    row: Attendance
    is_new: bool


def opens_at(event: Event) -> datetime:
    return event.starts_at - OPENS


def check_in(*, event: Event, member: Membership, at: datetime, by: Actor) -> Attendance:
    """The member or guest has come, as `let_in` says: what is known of them and the event."""
    return let_in(event=event, member=member, at=at, by=by).row


@transaction.atomic
def admit(*, event: Event, code: str, at: datetime, by: Actor, ago: timedelta = NOW) -> LetIn:
    """Whoever the ticket of this code is for has come, as `let_in` says; the address of the ticket does as well.

    Raises `Refused` as that does, for a code that no ticket of the community has (`unknown`), for the ticket of another
    gathering (`elsewhere`), and for one that is not valid: as its state is called.
    """
    _guard(event, by.membership)
    ticket = _ticket(event, code)
    event, member, acting = _at_the_door(event, _holder(ticket), by)
    # Read once nobody can give it back any more: whoever does holds the event.
    ticket.refresh_from_db(fields=["state"])
    if ticket.state != State.VALID:
        raise Refused(_NOT_VALID[State(ticket.state)](), code=ticket.state, field="code")
    return _enter(event, member, acting, at=at, ago=ago)


@transaction.atomic
def let_in(*, event: Event, member: Membership, at: datetime, by: Actor, ago: timedelta = NOW) -> LetIn:
    """The member or guest has come: with a place, or let in without one. Twice is once: who let them in first, and when,
    stays. The first coming is the fact `attended`. What is told late was so long `ago`, and not before the door opened.

    Raises `Refused` for who does not stand at this door (`not_allowed`), for an event that is not announced
    (`not_announced`), before the door opens (`too_early`), and for who is not of the community (`not_member`).
    """
    return _enter(*_at_the_door(event, member, by), at=at, ago=ago)


def holder(*, event: Event, code: str) -> Membership:
    """Whom the ticket of this code is for, valid or not. Raises `Refused` as `admit` does for one that is not of here."""
    return _holder(_ticket(event, code))


def _ticket(event: Event, code: str) -> Ticket:
    tickets = Ticket.objects.of(event.community_id).select_related("membership__merged_into")
    ticket = tickets.filter(code=code_in(code)).first()
    if ticket is None:
        raise Refused(_("No ticket has this code."), code="unknown", field="code")
    if ticket.event_id != event.pk:
        raise Refused(_("This ticket is for another gathering."), code="elsewhere", field="code")
    return ticket


def _holder(ticket: Ticket) -> Membership:
    return ticket.membership.merged_into or ticket.membership


def code_in(text: str) -> str:
    """The code of a ticket in what a camera has read or somebody typed: the address of the ticket, or the code itself.
    Empty where there is none."""
    found = _CODE.search(text.strip().upper().replace(" ", "").replace("-", ""))
    return found[1] if found else ""


def _enter(
    event: Event, member: Membership, acting: Membership | None, *, at: datetime, ago: timedelta
) -> LetIn:
    if not event.is_standing:
        raise Refused(_("This gathering is not announced."), code="not_announced")
    if at < opens_at(event):
        raise Refused(_("The door opens on the day."), code="too_early")
    if not member.is_admitted and not Ticket.objects.live().filter(event=event, membership=member).exists():
        raise Refused(_("They are not a member any more."), code="not_member")
    row, _new = Attendance.objects.get_or_create(event=event, membership=member)
    if row.came_at is not None:
        return LetIn(row, is_new=False)
    at = max(at - max(ago, NOW), opens_at(event))
    row.came_at, row.seen_by = at, acting
    row.save(update_fields=["came_at", "seen_by"])
    activity.publish(
        Activity(
            community_id=event.community_id,
            member=member.number,
            verb="attended",
            at=at,
            target=_first_host(event, member),
            object_kind="event",
            object_id=str(event.key),
            circle_id=event.circle_id,
            staff=member.is_staff,
            dedupe=_name(event, member.number),
        )
    )
    activity.announce("member.came", attendance=row, at=at)
    return LetIn(row, is_new=True)


@transaction.atomic
def undo(
    *, event: Event, member: Membership, at: datetime, by: Actor, ago: timedelta = NOW
) -> Attendance | None:
    """They have not come after all: the fact is taken back. None for who never stood on the list. What is told late was
    so long `ago`: a coming after that stays.

    Raises `Refused` for who does not stand at this door (`not_allowed`).
    """
    event, member, _acting = _at_the_door(event, member, by)
    row = Attendance.objects.filter(event=event, membership=member).first()
    if row is None or row.came_at is None or row.came_at > at - max(ago, NOW):
        return row
    was = row.came_at
    row.came_at, row.seen_by = None, None
    row.save(update_fields=["came_at", "seen_by"])
    records = Membership.objects.records_of(event.community_id).filter(merged_into=member)
    numbers = [member.number, *records.values_list("number", flat=True)]
    names = [_name(event, number) for number in numbers]
    activity.announce("facts.corrected", community_id=event.community_id, names=names, activities=[], at=at)
    came = {"member": member.number, "at": was.isoformat()}
    events.record("event.came_undone", event, at=at, by=by, before=came)
    return row


def list_taken(*, event: Event, at: datetime, by: Actor) -> None:
    """Keep that somebody took the whole list along."""
    events.record("event.list_taken", event, at=at, by=by)


def list_kept(*, event: Event, at: datetime, by: Actor) -> None:
    """Keep that somebody's phone has the list, to let people in without a network: once a day, however often it asks."""
    written = AuditEntry.objects.of(event.community_id).filter(
        action="event.list_kept",
        object_kind="event",
        object_id=str(event.key),
        actor=by.user,
        at__gt=at - DAY,
    )
    if not written.exists():
        events.record("event.list_kept", event, at=at, by=by)


def _at_the_door(event: Event, member: Membership, by: Actor) -> tuple[Event, Membership, Membership | None]:
    """The event, who comes, and who lets them in, as they are until the end of the transaction."""
    wanted = {member.pk, by.membership.pk if by.membership else member.pk}
    rows = {row.pk: row for row in held(Membership.objects.filter(pk__in=wanted).order_by("pk"))}
    member, acting = rows[member.pk], rows[by.membership.pk] if by.membership else None
    event = held(Event.objects.filter(pk=event.pk)).get()
    _guard(event, acting)
    if member.community_id != event.community_id:
        raise ValueError("A member of another community.")
    powers.guard_not_merged(member)
    return event, member, acting


def _guard(event: Event, acting: Membership | None) -> None:
    """Raises `Refused` for who does not stand at this door; None is a program, or the site."""
    if acting is not None and not (access.admits(acting, event) and access.allows(acting, event)):
        raise Refused(_("You do not look after this door."), code="not_allowed")


def _first_host(event: Event, member: Membership) -> int | None:
    """The number of the first host who is not the member; None where there is nobody else."""
    rows = EventHost.objects.filter(event=event).exclude(membership=member).order_by("position", "id")
    return rows.values_list("membership__number", flat=True).first()


def _name(event: Event, number: int) -> str:
    return f"attended:{event.key}:{number}"
