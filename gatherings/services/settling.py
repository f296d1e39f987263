"""What a phone at the door has seen, settled in the order in which it saw it: at once, or when there is a network again.

Each sighting has a name that the phone made up, so that one which is told twice, because the first answer was lost, gets
the same answer; where that is forgotten it is a coming twice, which is harmless. Each is settled by itself: what is refused
does not hold up the next.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.utils.translation import gettext as _

from gatherings.models import Attendance, Event
from gatherings.services import door
from kernel.errors import Refused
from members.actors import Actor
from members.models import Membership

#: How many are settled at a time, and for how long answers are remembered.
MOST, REMEMBERED = 100, 36 * 3600
#: Longer ago nobody has stood at the door of what is still settled.
LONGEST = timedelta(days=30)
IN, UNDO = "in", "undo"


@dataclass(frozen=True)
class Sighting:
    """Somebody came (`in`), or that was a slip (`undo`): by the `code` of a ticket or the `number` of a member, so long
    `ago`."""

    name: str
    act: str
    ago: timedelta
    code: str = ""
    number: int = 0


@dataclass(frozen=True)
class Settled:
    """What became of a sighting: `outcome` is `in`, `already`, `undone`, or the code of a refusal, whose words are `told`.
    Who it is about, when they came, and who let them in, as far as it is known."""

    name: str
    outcome: str
    told: str = ""
    who: str = ""
    number: int | None = None
    came_at: str | None = None
    by: str = ""


def settle(*, event: Event, seen: Iterable[Sighting], at: datetime, by: Actor) -> list[Settled]:
    """Settle them one after the other; an answer for each. Not one transaction: what is settled stays settled."""
    found = []
    for sighting in seen:
        key = _remembered(event, sighting, by)
        kept: dict[str, Any] | None = cache.get(key)
        answer = Settled(**kept) if kept else _settle(event, sighting, at, by)
        if kept is None:
            cache.set(key, asdict(answer), timeout=REMEMBERED)
        found.append(answer)
    return found


def _settle(event: Event, sighting: Sighting, at: datetime, by: Actor) -> Settled:
    carry_out = _undo if sighting.act == UNDO else _let_in
    try:
        return carry_out(event, sighting, at, by)
    except Refused as refusal:
        return Settled(name=sighting.name, outcome=refusal.code, told=str(refusal))


def _let_in(event: Event, sighting: Sighting, at: datetime, by: Actor) -> Settled:
    told: dict[str, Any] = {"event": event, "at": at, "by": by, "ago": sighting.ago}
    if sighting.code:
        found = door.admit(code=sighting.code, **told)
    else:
        found = door.let_in(member=_member(event, sighting.number), **told)
    return _told(sighting, "in" if found.is_new else "already", found.row)


def _undo(event: Event, sighting: Sighting, at: datetime, by: Actor) -> Settled:
    member = _member(event, sighting.number)
    row = door.undo(event=event, member=member, at=at, by=by, ago=sighting.ago)
    if row is None or row.came_at is None:
        return Settled(sighting.name, "undone", who=member.display_name, number=member.number)
    return _told(sighting, "already", row)


def _member(event: Event, number: int) -> Membership:
    member = Membership.objects.of(event.community_id).filter(number=number).first()
    if member is None:
        raise Refused(_("Nobody here has that number."), code="number")
    return member


def _told(sighting: Sighting, outcome: str, row: Attendance) -> Settled:
    assert row.came_at is not None
    return Settled(
        name=sighting.name,
        outcome=outcome,
        who=row.membership.display_name,
        number=row.membership.number,
        came_at=row.came_at.isoformat(),
        by=row.seen_by.display_name if row.seen_by else "",
    )


def _remembered(event: Event, sighting: Sighting, by: Actor) -> str:
    return f"gatherings.door:{event.pk}:{by.membership.pk if by.membership else 0}:{sighting.name}"
