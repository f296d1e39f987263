"""The door: who comes is let in once, by whom and when is kept, and what was a slip is taken back."""

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
from members.models import Membership
from members.services import powers

#: The door opens so long before the beginning.
OPENS = timedelta(hours=12)


@transaction.atomic
def check_in(*, event: Event, member: Membership, at: datetime, by: Actor) -> Attendance:
    """The member or guest has come: with a place, or let in without one. Twice is once: who let them in first, and when,
    stays. The first coming is the fact `attended`.

    Raises `Refused` for who does not stand at this door (`not_allowed`), for an event that is not announced
    (`not_announced`), before the door opens (`too_early`), and for who is not of the community (`not_member`).
    """
    event, member, acting = _at_the_door(event, member, by)
    if not event.is_standing:
        raise Refused(_("This gathering is not announced."), code="not_announced")
    if at < event.starts_at - OPENS:
        raise Refused(_("The door opens on the day."), code="too_early")
    if not member.is_admitted and not Ticket.objects.live().filter(event=event, membership=member).exists():
        raise Refused(_("They are not a member any more."), code="not_member")
    row, _new = Attendance.objects.get_or_create(event=event, membership=member)
    if row.came_at is not None:
        return row
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
    return row


@transaction.atomic
def undo(*, event: Event, member: Membership, at: datetime, by: Actor) -> Attendance | None:
    """They have not come after all: the fact is taken back. None for who never stood on the list.

    Raises `Refused` for who does not stand at this door (`not_allowed`).
    """
    event, member, _acting = _at_the_door(event, member, by)
    row = Attendance.objects.filter(event=event, membership=member).first()
    if row is None or row.came_at is None:
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


def _at_the_door(event: Event, member: Membership, by: Actor) -> tuple[Event, Membership, Membership | None]:
    """The event, who comes, and who lets them in, as they are until the end of the transaction."""
    wanted = {member.pk, by.membership.pk if by.membership else member.pk}
    rows = {row.pk: row for row in held(Membership.objects.filter(pk__in=wanted).order_by("pk"))}
    member, acting = rows[member.pk], rows[by.membership.pk] if by.membership else None
    event = held(Event.objects.filter(pk=event.pk)).get()
    if acting is not None and not (access.admits(acting, event) and access.allows(acting, event)):
        raise Refused(_("You do not look after this door."), code="not_allowed")
    if member.community_id != event.community_id:
        raise ValueError("A member of another community.")
    powers.guard_not_merged(member)
    return event, member, acting


def _first_host(event: Event, member: Membership) -> int | None:
    """The number of the first host who is not the member; None where there is nobody else."""
    rows = EventHost.objects.filter(event=event).exclude(membership=member).order_by("position", "id")
    return rows.values_list("membership__number", flat=True).first()


def _name(event: Event, number: int) -> str:
    return f"attended:{event.key}:{number}"
